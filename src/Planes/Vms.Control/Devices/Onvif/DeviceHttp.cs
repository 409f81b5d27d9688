using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Vms.Control.Devices.Http;
using Vms.Onvif.Soap;

namespace Vms.Control.Devices.Onvif;

/// <summary>An answer over HTTP, whatever its status.</summary>
/// <param name="Location">Of a redirection.</param>
/// <param name="Date">By the device's clock.</param>
internal sealed record DeviceAnswer(HttpStatusCode Status, ArraySegment<byte> Body, IReadOnlyList<string> Challenges, Uri? Location, DateTimeOffset? Date);

/// <summary>HTTP to one device: no redirections, no cookies, no proxy, no more than a named number of bytes. Any thread.</summary>
internal sealed class DeviceHttp : IDisposable
{
    /// <summary>Bytes of a picture.</summary>
    public const int MaxPicture = 16 << 20;

    private const int MaxHeadersKilobytes = 16;
    private const int ReadSize = 16 << 10;

    private readonly HttpClient _http;
    private readonly OnvifClientOptions _options;
    private readonly TimeProvider _time;

    public DeviceHttp(OnvifClientOptions options, TimeProvider time)
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
    public Task<OnvifResult<DeviceAnswer>> PostAsync(Uri address, string action, byte[] envelope, string? authorization, TimeSpan mayWait, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(envelope);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/soap+xml") { CharSet = "utf-8", Parameters = { new NameValueHeaderValue("action", $"\"{action}\"") } };
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, address) { Content = content }, authorization, mayWait, SoapReader.MaxDocument, cancellationToken);
    }

    public Task<OnvifResult<DeviceAnswer>> GetAsync(Uri address, string? authorization, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, address), authorization, TimeSpan.Zero, MaxPicture, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<OnvifResult<DeviceAnswer>> SendAsync(HttpRequestMessage message, string? authorization, TimeSpan mayWait, int maxBytes, CancellationToken cancellationToken)
    {
        using var request = message;
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var deadline = new CancellationTokenSource(_options.AnswerTimeout + mayWait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (await ReadAsync(response.Content, maxBytes, either.Token) is not { } body)
                return OnvifResult<DeviceAnswer>.Failed(OnvifFailureKind.NotOnvif, $"The answer is longer than {maxBytes} bytes");
            return OnvifResult<DeviceAnswer>.Of(new DeviceAnswer(
                response.StatusCode,
                body,
                response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var challenges) ? [.. challenges] : [],
                (int)response.StatusCode is >= 300 and < 400 ? response.Headers.Location : null,
                response.Headers.Date));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return OnvifResult<DeviceAnswer>.Failed(OnvifFailureKind.TimedOut, "The device did not answer in time");
        }
        catch (HttpRequestException e)
        {
            return OnvifResult<DeviceAnswer>.Failed(KindOf(e.HttpRequestError), e.Message);
        }
        catch (IOException e)       // while the body is read
        {
            return OnvifResult<DeviceAnswer>.Failed(OnvifFailureKind.Unreachable, e.Message);
        }
    }

    private static OnvifFailureKind KindOf(HttpRequestError error) => error switch
    {
        HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => OnvifFailureKind.NotOnvif,
        _ => OnvifFailureKind.Unreachable,
    };

    /// <returns>Null when there is more than <paramref name="maxBytes"/>.</returns>
    private static async Task<ArraySegment<byte>?> ReadAsync(HttpContent content, int maxBytes, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > maxBytes)
            return null;

        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var body = new ArrayBufferWriter<byte>(ReadSize);
        while (true)
        {
            int read = await stream.ReadAsync(body.GetMemory(ReadSize), cancellationToken);
            if (read == 0)
                return new ArraySegment<byte>(body.WrittenSpan.ToArray());
            body.Advance(read);
            if (body.WrittenCount > maxBytes)
                return null;
        }
    }

    private bool IsExpected(X509Certificate? certificate) =>
        _options.CertificateSha256 is not { } pin || (certificate is not null && certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).Equals(pin, StringComparison.OrdinalIgnoreCase));
}
