using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.Extensions.Configuration;
using Vms.Control.Auth.Oidc;
using Vms.Testing;

namespace Vms.Control.Tests.Auth.Oidc;

/// <summary>The certified provider in Provider/, as a process. Ends with its standard input, so it outlives no test run.</summary>
internal sealed class IdentityProvider : IAsyncDisposable
{
    public const string ClientSecret = "a secret: with % and +";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private IdentityProvider(Process process, string issuer)
    {
        _process = process;
        Issuer = issuer;
    }

    public string Issuer { get; }

    public static async Task<IdentityProvider> StartAsync()
    {
        var folder = Path.Combine(TestPaths.Repository, "tests", "Vms.Control.Tests", "Auth", "Oidc", "Provider");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "oidc-provider")))
            throw new InvalidOperationException($"The identity provider is not installed: run './dev setup', or 'npm ci' in {folder}.");
        var start = new ProcessStartInfo("node")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
            ArgumentList = { "provider.mjs" },
        };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        return new IdentityProvider(process, (await ReadAsync(process))["issuer"]!.GetValue<string>());
    }

    /// <summary>Makes it anew, with new keys.</summary>
    public async Task MakeAsync(string redirect, string algorithm = "RS256", string authentication = "client_secret_basic", bool groupsInToken = false)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { redirect, algorithm, authentication, groupsInToken }));
        await _process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Assert.True((await ReadAsync(_process))["ready"]!.GetValue<bool>());
    }

    public IReadOnlyList<string> Settings(string roles = "vms-admins=admin;guards=operator") =>
    [
        $"--VMS_OIDC_ISSUER={Issuer}", "--VMS_OIDC_CLIENT_ID=vms", $"--VMS_OIDC_CLIENT_SECRET={ClientSecret}", $"--VMS_OIDC_ROLES={roles}",
    ];

    public OidcOptions Options(string? secret = ClientSecret) => OidcOptions.From(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["VMS_OIDC_ISSUER"] = Issuer,
        ["VMS_OIDC_CLIENT_ID"] = "vms",
        ["VMS_OIDC_CLIENT_SECRET"] = secret,
        ["VMS_OIDC_ROLES"] = "vms-admins=admin;guards=operator",
    }).Build())!;

    /// <summary>What a browser does between the two halves of a sign-in: follows the provider, picks the user, and is sent back.</summary>
    /// <param name="user"><c>nobody</c> refuses.</param>
    /// <returns>Where it was sent, with the answer in its query.</returns>
    public static async Task<Uri> SignInAsync(string address, string user, string redirect)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false });
        var next = new Uri(address);
        for (var step = 0; step < 10; step++)
        {
            if (next.AbsolutePath.StartsWith("/interaction/", StringComparison.Ordinal))
                next = new Uri(next + "?user=" + user);
            using var response = await browser.GetAsync(next, TestContext.Current.CancellationToken);
            Assert.True(response.Headers.Location is not null, $"{next} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
            next = new Uri(next, response.Headers.Location);
            if (next.OriginalString.StartsWith(redirect, StringComparison.Ordinal))
                return next;
        }

        throw new InvalidOperationException("The provider did not send the browser back");
    }

    public static string? Query(Uri address, string name) => HttpUtility.ParseQueryString(address.Query)[name];

    /// <summary>From now on nobody answers there.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    private static async Task<JsonObject> ReadAsync(Process process)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(s_patience);
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.StartsWith('{'))       // it warns in plain words, too
                return JsonNode.Parse(line)!.AsObject();
        }

        throw new InvalidOperationException("The identity provider ended");
    }
}
