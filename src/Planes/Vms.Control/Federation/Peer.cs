using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Vms.Control.Federation;

/// <summary>
/// Asks one other installation over its API, with the key that it issued for us. Every answer is bounded in time and size; what goes wrong is a value with
/// the server's name on it. Its certificate is the pinned one, or one that this machine trusts. Redirects are not followed. Any thread.
/// </summary>
internal sealed class Peer : IDisposable
{
    /// <summary>Of one answer; a page of 500 cameras has some 700 KiB.</summary>
    public const int MaxAnswerBytes = 2 << 20;

    /// <summary>Code of a server whose API key is not known here.</summary>
    public const string KeyUnreadable = "keyUnreadable";

    private const int MaxConnections = 8;
    private const int MaxHeaderKilobytes = 32;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { MaxDepth = 16 };

    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private volatile string? _shown;        // SHA-256 of the certificate that was refused last

    /// <param name="apiKey">Null: it is not known, and nothing is asked.</param>
    public Peer(ServerRow row, string? apiKey, ServerAddresses addresses, TimeProvider time)
    {
        (Row, _time) = (row, time);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = MaxConnections,
            MaxResponseHeadersLength = MaxHeaderKilobytes,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),      // another certificate, another address: noticed by then
            ConnectCallback = (context, cancellationToken) => addresses.ConnectAsync(context.DnsEndPoint, cancellationToken),
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = IsTrusted },
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            BaseAddress = row.Address,
        };
        if (apiKey is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }

    public ServerRow Row { get; }

    public ServerName Name => new(Row.Id, Row.Name);

    public Task<PeerAnswer<T>> GetAsync<T>(string path, CancellationToken deadline, CancellationToken cancellationToken) where T : class =>
        AskAsync<T>(HttpMethod.Get, path, null, deadline, cancellationToken);

    /// <param name="path">Path and query.</param>
    /// <param name="body">Serialized; null: none.</param>
    /// <param name="deadline">Ends the wait: the answer is that there was none in time.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>.</exception>
    public async Task<PeerAnswer<T>> AskAsync<T>(HttpMethod method, string path, object? body, CancellationToken deadline, CancellationToken cancellationToken) where T : class
    {
        var began = _time.GetTimestamp();
        PeerAnswer<T> Without(string state, string code, string detail, int status = 0) => new(state, null, code, detail, status, _time.GetElapsedTime(began));

        if (_http.DefaultRequestHeaders.Authorization is null)
            return Without(PeerStates.Refused, KeyUnreadable, $"The API key of {Row.Name} was encrypted by another installation; give it a new one");

        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null)
                request.Content = JsonContent.Create(body, options: s_json);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = (int)response.StatusCode;
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                return Without(PeerStates.Refused, "apiKeyRefused", $"{Row.Name} does not take the API key, or it may not do this", status);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
                return Without(PeerStates.Refused, "rateLimited", $"{Row.Name} is asked too often", status);
            await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, either.Token);
            var bytes = await response.Content.ReadAsByteArrayAsync(either.Token);
            if (!response.IsSuccessStatusCode)
                return Without(PeerStates.Unreachable, CodeOf(bytes) ?? "badAnswer", $"{Row.Name} answered with status {status}", status);
            return JsonSerializer.Deserialize<T>(bytes, s_json) is { } value
                ? new PeerAnswer<T>(PeerStates.Answered, value, null, null, status, _time.GetElapsedTime(began))
                : Without(PeerStates.Unreachable, "badAnswer", $"{Row.Name} answered nothing", status);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Without(PeerStates.TimedOut, "timedOut", $"{Row.Name} did not answer in time");
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            return Without(PeerStates.Refused, "certificateNotTrusted", _shown is { } shown
                ? $"{Row.Name} shows another certificate than it should; the SHA-256 of this one is {shown}"
                : $"No TLS with {Row.Name} ({(e.InnerException ?? e).Message})");
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return Without(PeerStates.Unreachable, "badAnswer", $"{Row.Name} answered more than {MaxAnswerBytes >> 20} MiB");
        }
        catch (HttpRequestException e) when (e.InnerException is ServerAddressException address)
        {
            return Without(PeerStates.Refused, "addressNotAllowed", address.Message);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            return Without(PeerStates.Unreachable, "unreachable", $"{Row.Name} cannot be reached ({(e.InnerException ?? e).Message})");
        }
        catch (Exception e) when (e is JsonException or ObjectDisposedException)
        {
            return Without(PeerStates.Unreachable, "badAnswer", $"{Row.Name} answered what is not understood");
        }
    }

    public void Dispose() => _http.Dispose();

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return false;
        var shown = Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));
        // A pin stands for itself: self-made certificates name no host and have no authority behind them.
        if (Row.CertificateSha256 is { } pinned ? pinned == shown : errors == SslPolicyErrors.None)
            return true;
        _shown = shown;
        return false;
    }

    /// <summary>Of a problem document, where it is a word; else null.</summary>
    private static string? CodeOf(byte[] problem)
    {
        try
        {
            return JsonSerializer.Deserialize<Problem>(problem, s_json)?.Code is { Length: > 0 and <= 64 } code && code.All(char.IsAsciiLetterOrDigit) ? code : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Problem(string? Code);
}
