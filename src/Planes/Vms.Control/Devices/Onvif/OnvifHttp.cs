using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vms.Control.Devices.Http;
using Vms.Onvif.Soap;

namespace Vms.Control.Devices.Onvif;

/// <summary>An answer over HTTP, whatever its status.</summary>
/// <param name="Location">Of a redirection.</param>
/// <param name="Date">By the device's clock.</param>
internal sealed record OnvifAnswer(HttpStatusCode Status, byte[] Body, IReadOnlyList<string> Challenges, Uri? Location, DateTimeOffset? Date);

/// <summary>HTTP to one device: no redirections, no cookies, no proxy, no more than a named number of bytes. Any thread.</summary>
internal sealed class OnvifHttp : IDisposable
{
    /// <summary>Bytes of a picture.</summary>
    public const int MaxPicture = 16 << 20;

    private const int MaxHeadersKilobytes = 16;

    private readonly HttpClient _http;
    private readonly OnvifClientOptions _options;
    private readonly TimeProvider _time;

    public OnvifHttp(OnvifClientOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            MaxResponseHeadersLength = MaxHeadersKilobytes,
        };
        GuardedConnection.Guard(handler, options.Refusal);
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => IsExpected(certificate);
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <param name="mayWait">Beside <see cref="OnvifClientOptions.AnswerTimeout"/>.</param>
    public Task<OnvifResult<OnvifAnswer>> PostAsync(Uri address, string action, byte[] envelope, string? authorization, TimeSpan mayWait, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(envelope);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/soap+xml") { CharSet = "utf-8", Parameters = { new NameValueHeaderValue("action", $"\"{action}\"") } };
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, address) { Content = content }, authorization, mayWait, SoapReader.MaxDocument, cancellationToken);
    }

    public Task<OnvifResult<OnvifAnswer>> GetAsync(Uri address, string? authorization, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, address), authorization, TimeSpan.Zero, MaxPicture, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<OnvifResult<OnvifAnswer>> SendAsync(HttpRequestMessage message, string? authorization, TimeSpan mayWait, int maxBytes, CancellationToken cancellationToken)
    {
        using var request = message;
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var deadline = new CancellationTokenSource(_options.AnswerTimeout + mayWait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            await response.Content.LoadIntoBufferAsync(maxBytes, either.Token);
            return OnvifResult<OnvifAnswer>.Of(new OnvifAnswer(
                response.StatusCode,
                await response.Content.ReadAsByteArrayAsync(either.Token),
                response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var challenges) ? [.. challenges] : [],
                (int)response.StatusCode is >= 300 and < 400 ? response.Headers.Location : null,
                response.Headers.Date));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return OnvifResult<OnvifAnswer>.Failed(OnvifFailureKind.TimedOut, "The device did not answer in time");
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return OnvifResult<OnvifAnswer>.Failed(OnvifFailureKind.NotOnvif, $"The answer is longer than {maxBytes} bytes, or its head than {MaxHeadersKilobytes} KiB");
        }
        catch (HttpRequestException e)
        {
            return OnvifResult<OnvifAnswer>.Failed(KindOf(e.HttpRequestError), e.Message);
        }
        catch (IOException e)       // while the body is read
        {
            return OnvifResult<OnvifAnswer>.Failed(OnvifFailureKind.Unreachable, e.Message);
        }
    }

    private static OnvifFailureKind KindOf(HttpRequestError error) => error switch
    {
        HttpRequestError.InvalidResponse => OnvifFailureKind.NotOnvif,
        _ => OnvifFailureKind.Unreachable,
    };

    private bool IsExpected(X509Certificate? certificate) =>
        _options.CertificateSha256 is not { } pin || (certificate is not null && certificate.GetCertHashString(HashAlgorithmName.SHA256).Equals(pin, StringComparison.OrdinalIgnoreCase));
}
