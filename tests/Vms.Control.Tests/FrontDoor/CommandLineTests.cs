using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.FrontDoor;

/// <summary>The command line against this control as if it were another machine's: the real program, the real certificate.</summary>
public sealed class CommandLineTests : IAsyncLifetime
{
    private ControlWorld _world = null!;
    private string _server = "";
    private string _pin = "";
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        var addresses = _world.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        _server = $"https://127.0.0.1:{new Uri(addresses.Single(a => a.StartsWith("https", StringComparison.Ordinal))).Port}";
        using var certificate = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(Path.Combine(_world.Options.DataDirectory, "keys", "tls.pem")));
        _pin = Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));
        _key = (await _world.Http.PostAsync("/api/api-keys", new { name = "remote", grants = new[] { new { roleId = "admin" } } }, 201)).Text("key")!;
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task With_the_right_pin_it_tells_how_the_planes_are()
    {
        var status = await RunAsync(_key, "", "status", "--server", _server, "--certificate-sha256", _pin);
        Assert.True(status is { ExitCode: 1, Errors: "" }, status.ToString());      // there is neither bus nor media plane here
        Assert.Contains("control   not ready nats: ", status.Output, StringComparison.Ordinal);
        Assert.Contains("media     unavailable media: the process does not answer", status.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_wrong_pin_or_none_it_says_which_certificate_is_shown_and_the_key_is_not_sent()
    {
        foreach (var command in (string[][])[["status"], ["audit", "verify"], ["user", "list"]])
        {
            var wrong = await RunAsync(_key, "", [.. command, "--server", _server, "--certificate-sha256", new string('0', 64)]);
            Assert.Equal((2, ""), (wrong.ExitCode, wrong.Output));
            Assert.Contains($"shows another certificate than the pinned one: its SHA-256 is {_pin}", wrong.Errors, StringComparison.Ordinal);
            var none = await RunAsync(_key, "", [.. command, "--server", _server]);
            Assert.Equal((2, ""), (none.ExitCode, none.Output));
            Assert.Contains($"that this machine does not trust; its SHA-256 is {_pin}", none.Errors, StringComparison.Ordinal);
        }

        Assert.Equal(DBNull.Value, await _world.ScalarAsync("select last_used_at from control.api_key where name = 'remote'"));
    }

    [Fact]
    public async Task The_audit_log_is_verified_there()
    {
        await _world.AddCameraAsync("Door");
        var verified = await RunAsync(_key, "", "audit", "verify", "--server", _server, "--certificate-sha256", WithColons(_pin));
        Assert.True(verified is { ExitCode: 0, Errors: "" }, verified.ToString());
        Assert.Contains("as they were written", verified.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_are_looked_after_from_afar()
    {
        string[] there = ["--server", _server, "--certificate-sha256", _pin];
        Assert.Equal(0, (await RunAsync(_key, "ten characters at least\n", ["user", "add", "bert", "--role", "operator", .. there])).ExitCode);
        var list = await RunAsync(_key, "", ["user", "list", .. there]);
        Assert.Contains("bert                     on  password   Operator", list.Output, StringComparison.Ordinal);
        await _world.LoginAsync("bert", "ten characters at least");
        Assert.Equal(0, (await RunAsync(_key, "other words that are long\n", ["user", "password", "Bert", .. there])).ExitCode);
        await _world.LoginAsync("bert", "other words that are long");
        Assert.Equal(0, (await RunAsync(_key, "", ["user", "disable", "bert", .. there])).ExitCode);
        Assert.Contains("bert                     off", (await RunAsync(_key, "", ["user", "list", .. there])).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(_key, "", ["user", "enable", "bert", .. there])).ExitCode);
        Assert.Equal(0, (await RunAsync(_key, "", ["user", "reset-totp", "bert", .. there])).ExitCode);

        var weak = await RunAsync(_key, "short\n", ["user", "add", "eve", .. there]);
        Assert.Equal(1, weak.ExitCode);
        Assert.Contains("password", weak.Errors, StringComparison.Ordinal);
        var unknown = await RunAsync(_key, "", ["user", "disable", "nobody", .. there]);
        Assert.Equal((1, "vms: There is no such user"), (unknown.ExitCode, unknown.Errors));
        Assert.Equal(1L, await _world.ScalarAsync("select count(*) from control.audit where action = 'user.added' and actor = 'apiKey:remote' and address = '127.0.0.1'"));
    }

    [Fact]
    public async Task A_key_that_is_none_or_may_not_is_refused_in_words()
    {
        string[] there = ["--server", _server, "--certificate-sha256", _pin];
        var none = await RunAsync(null, "", ["status", .. there]);
        Assert.Equal(64, none.ExitCode);
        Assert.Contains("VMS_API_KEY", none.Errors, StringComparison.Ordinal);
        var wrong = await RunAsync("vms_" + new string('x', 40), "", ["status", .. there]);
        Assert.Equal(2, wrong.ExitCode);
        var viewer = (await _world.Http.PostAsync("/api/api-keys", new { name = "viewer", grants = new[] { new { roleId = "viewer" } } }, 201)).Text("key")!;
        var refused = await RunAsync(viewer, "", ["audit", "verify", .. there]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("Your role does not allow this", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync(viewer, "", ["user", "list", .. there])).ExitCode);
    }

    [Fact]
    public async Task The_key_can_stand_in_a_file()
    {
        var file = _world.Directory["key"];
        await File.WriteAllTextAsync(file, _key + "\n", TestContext.Current.CancellationToken);
        var status = await RunAsync(null, "", ["status", "--server", _server, "--certificate-sha256", _pin], file);
        Assert.Contains("control   not ready nats: ", status.Output, StringComparison.Ordinal);
    }

    private static string WithColons(string hex) => string.Join(':', Enumerable.Range(0, hex.Length / 2).Select(i => hex.Substring(2 * i, 2).ToUpperInvariant()));

    private static Task<Ended> RunAsync(string? key, string input, params string[] args) => RunAsync(key, input, args, null);

    private static async Task<Ended> RunAsync(string? key, string input, string[] args, string? keyFile)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "vms.dll"), .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("VMS_API_KEY");
        if (key is not null)
            start.Environment["VMS_API_KEY"] = key;
        if (keyFile is not null)
            start.Environment["VMS_API_KEY_FILE"] = keyFile;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(limit.Token);
        return new Ended(process.ExitCode, (await output).Trim(), (await errors).Trim());
    }

    private sealed record Ended(int ExitCode, string Output, string Errors);
}
