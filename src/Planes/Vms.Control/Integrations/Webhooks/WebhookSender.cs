using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Vms.Hosting;

namespace Vms.Control.Integrations.Webhooks;

/// <summary>What a receiver answered.</summary>
/// <param name="Status">Null: nothing.</param>
/// <param name="Text">The beginning of what it said.</param>
/// <param name="Error">Null: it took it. Else a sentence without its full stop.</param>
/// <param name="IsFinal">It never will.</param>
internal sealed record WebhookAnswer(int? Status, string Text, TimeSpan Took, string? Error, bool IsFinal);

/// <summary>Posts to receivers. Bounded in time and in what is read of the answer; redirects are not followed: the address that was allowed is the one that is
/// asked. Any thread.</summary>
internal sealed class WebhookSender : IDisposable
{
    /// <summary>Of an answer; what comes behind it is not read.</summary>
    public const int MaxAnswerBytes = 4096;

    private const int MaxHeaderKilobytes = 16;
    private const int MaxConnectionsPerReceiver = 4;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly NodeKey _key;
    private readonly TimeProvider _time;

    public WebhookSender(OutgoingAddresses addresses, NodeKey key, TimeProvider time)
    {
        (_key, _time) = (key, time);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = MaxConnectionsPerReceiver,
            MaxResponseHeadersLength = MaxHeaderKilobytes,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),      // another address behind the name: noticed by then
            ConnectCallback = (context, cancellationToken) => addresses.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, loopback: false, cancellationToken),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("vms-webhook", "1"));
    }

    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>.</exception>
    public async Task<WebhookAnswer> SendAsync(WebhookRow webhook, string id, byte[] body, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        WebhookAnswer Failed(string error, bool isFinal = false) => new(null, "", _time.GetElapsedTime(began), error, isFinal);

        using var deadline = new CancellationTokenSource(s_deadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var request = RequestOf(webhook, id, body);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var text = await BeginningAsync(response, either.Token);
            var status = (int)response.StatusCode;
            var (error, isFinal) = status switch
            {
                >= 200 and < 300 => (null, false),
                >= 300 and < 400 => ($"The receiver sends elsewhere ({status}), which is not followed: use the address that it names", true),
                410 => ("The receiver wants no more (410)", true),
                _ => ($"The receiver answered {status}", false),
            };
            return new WebhookAnswer(status, text, _time.GetElapsedTime(began), error, isFinal);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"No answer within {s_deadline.TotalSeconds:0} s");
        }
        catch (HttpRequestException e) when (e.InnerException is OutgoingAddressException address)
        {
            return Failed(address.Message, address.IsRefused);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            return Failed($"No TLS with the receiver ({(e.InnerException ?? e).Message})");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return Failed($"The receiver cannot be reached ({(e.InnerException ?? e).Message})");
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return Failed("The secret was encrypted by another installation: give the webhook a new one", isFinal: true);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Signed at the moment of the try, not of the event: receivers refuse what is old.</summary>
    private HttpRequestMessage RequestOf(WebhookRow webhook, string id, byte[] body)
    {
        var at = _time.GetUtcNow();
        var signature = WebhookSignature.Of(_key.Unprotect(webhook.SecretProtected), id, at, body);
        var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(WebhookSignature.IdHeader, id);
        request.Headers.Add(WebhookSignature.TimestampHeader, WebhookSignature.TimestampOf(at));
        request.Headers.Add(WebhookSignature.SignatureHeader, signature);
        return request;
    }

    private static async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxAnswerBytes];
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return new string([.. Encoding.UTF8.GetString(buffer, 0, read).Where(c => !char.IsControl(c) || c == '\n')]);
    }
}
