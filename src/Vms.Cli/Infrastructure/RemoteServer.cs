using System.ComponentModel.DataAnnotations;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Vms.Hosting;

namespace Vms.Cli.Infrastructure;

/// <summary>
/// Control of another machine, over HTTPS: <c>--server https://HOST:PORT</c>, with the API key of VMS_API_KEY (or of the file VMS_API_KEY_FILE). The certificate has to be the one
/// that <c>--certificate-sha256</c> names; without it one that this machine trusts. Before that nothing is sent, the key least of all.
/// </summary>
internal sealed class RemoteServer : IDisposable
{
    /// <summary>The server does not answer, is not the one that it should be, or does not take the key.</summary>
    public const int NoAnswerExitCode = 2;

    private const string Server = "--server";
    private const string Certificate = "--certificate-sha256";

    /// <summary>A longer answer is refused: lists come in pages.</summary>
    private const int MaxAnswerBytes = 8 << 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly string? _pin;
    private volatile string? _shown;        // SHA-256 of the certificate that was refused

    private RemoteServer(Uri address, string? pin, string apiKey)
    {
        _pin = pin;
        Http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = IsTrusted },
        })
        {
            BaseAddress = address,
            Timeout = s_patience,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }

    public HttpClient Http { get; }

    /// <summary>Takes what names another machine out of the arguments.</summary>
    /// <returns>Null: this machine is meant.</returns>
    /// <exception cref="ValidationException">It is named wrongly, or there is no credential.</exception>
    public static RemoteServer? Take(ref string[] args)
    {
        string? server = null, certificate = null;
        var rest = new List<string>();
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] is Server or Certificate)
            {
                if (i + 1 == args.Length)
                    throw new ValidationException($"{args[i]} needs a value");
                if (args[i] == Server)
                    server = args[++i];
                else
                    certificate = args[++i];
            }
            else
            {
                rest.Add(args[i]);
            }
        }

        args = [.. rest];
        if (server is null)
            return certificate is null ? null : throw new ValidationException($"{Certificate} goes with {Server}");
        if (!Uri.TryCreate(server, UriKind.Absolute, out var address) || address is not { Scheme: "https", PathAndQuery: "/", UserInfo: "", Fragment: "" })
            throw new ValidationException($"{Server} is '{server}'; expected https://HOST:PORT");
        var apiKey = PlaneOptions.Setting(new ConfigurationBuilder().AddEnvironmentVariables().Build(), "VMS_API_KEY");
        return string.IsNullOrEmpty(apiKey)
            ? throw new ValidationException("there is no credential: set VMS_API_KEY, or VMS_API_KEY_FILE to a file with the key of that server")
            : new RemoteServer(address, certificate is null ? null : PinOf(certificate), apiKey);
    }

    /// <summary>What happened, to what, and what can be done.</summary>
    public string Explain(Exception e) => e switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } when _shown is { } shown => _pin is null
            ? $"{Http.BaseAddress!.Authority} shows a certificate that this machine does not trust; its SHA-256 is {shown}. Compare it with the server's own, and pass it with {Certificate}"
            : $"{Http.BaseAddress!.Authority} shows another certificate than the pinned one: its SHA-256 is {shown}, expected was {_pin}. Nothing was sent",
        TaskCanceledException => $"{Http.BaseAddress!.Authority} did not answer within {Http.Timeout.TotalSeconds:0} s",
        JsonException => $"{Http.BaseAddress!.Authority} answered what is not understood",
        _ => $"{Http.BaseAddress!.Authority} cannot be reached ({(e.InnerException ?? e).Message})",
    };

    /// <summary>A refusal in words: of a problem document its title and detail, else the status.</summary>
    public static async Task<string> RefusalAsync(HttpResponseMessage answer)
    {
        try
        {
            var problem = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsByteArrayAsync());
            if (problem.TryGetProperty("title", out var title) && title.GetString() is { Length: > 0 } said)
                return problem.TryGetProperty("detail", out var detail) ? $"{said}. {detail.GetString()}" : said;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Somebody else's answer: a proxy's page.
        }

        return $"it answered with status {(int)answer.StatusCode}";
    }

    public void Dispose() => Http.Dispose();

    /// <summary>64 hex digits, as browsers and openssl show them: with or without colons.</summary>
    private static string PinOf(string text)
    {
        var digits = text.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();
        return digits.Length == 2 * SHA256.HashSizeInBytes && digits.All(char.IsAsciiHexDigit)
            ? digits
            : throw new ValidationException($"{Certificate} is '{text}'; expected the 64 hex digits of a SHA-256");
    }

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors problems)
    {
        if (certificate is null)
            return false;
        var shown = Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));
        // A pin stands for itself: a self-made certificate names no host and has no authority behind it.
        if (_pin is null ? problems == SslPolicyErrors.None : _pin == shown)
            return true;
        _shown = shown;
        return false;
    }
}
