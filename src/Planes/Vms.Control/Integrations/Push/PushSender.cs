using System.Net;
using Lib.Net.Http.WebPush;
using Lib.Net.Http.WebPush.Authentication;
using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Integrations.Push;

/// <summary>Sends to browsers through their makers' push services (RFC 8030), encrypted for the browser alone (RFC 8291). A browser that is gone is forgotten.
/// Any thread.</summary>
internal sealed class PushSender : IDisposable
{
    /// <summary>Services take no more than 4096 bytes, encrypted.</summary>
    public const int MaxPayloadBytes = 3000;

    private const int MaxAnswerBytes = 16 * 1024;

    /// <summary>A browser that is asleep for longer is not woken by old news.</summary>
    private const int LivesSeconds = 4 * 60 * 60;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    /// <summary>RFC 8292 §2.1: whom a push service may write to.</summary>
    private const string NoContact = "admin@example.com";

    private readonly VapidKeys _keys;
    private readonly IntegrationStore _store;
    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly Lazy<PushServiceClient> _client;

    public PushSender(VapidKeys keys, IntegrationStore store, OutgoingAddresses addresses, NpgsqlDataSource database, TimeProvider time)
    {
        (_keys, _store, _database, _time) = (keys, store, database, time);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = (context, cancellationToken) => addresses.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, loopback: false, cancellationToken),
        })
        {
            Timeout = s_deadline,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        _client = new Lazy<PushServiceClient>(() => new PushServiceClient(_http) { AutoRetryAfter = false });
    }

    /// <returns>Why it did not arrive; null: it did, or the browser is gone.</returns>
    public async Task<string?> SendAsync(PushSubscriptionRow browser, string payload, string topic, CancellationToken cancellationToken)
    {
        var subscription = new PushSubscription { Endpoint = browser.Endpoint };
        subscription.SetKey(PushEncryptionKeyName.P256DH, browser.P256dh);
        subscription.SetKey(PushEncryptionKeyName.Auth, browser.Auth);
        // What was said before about the same event, and not seen yet, is replaced.
        var message = new PushMessage(payload) { TimeToLive = LivesSeconds, Urgency = PushMessageUrgency.High, Topic = topic };
        try
        {
            var from = (await _store.ReadAsync(SmtpSettings.Kind, new SmtpSettings(), cancellationToken)).Settings.From;
            using var vapid = new VapidAuthentication(_keys.Public, _keys.Private) { Subject = "mailto:" + (from.Length > 0 ? from : NoContact) };
            await _client.Value.RequestPushMessageDeliveryAsync(subscription, message, vapid, cancellationToken);
            await _database.ExecuteAsync("update control.push_subscription set last_used_at = $2 where id = $1", [browser.Id, _time.GetUtcNow()], cancellationToken);
            return null;
        }
        catch (PushServiceClientException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            await _database.ExecuteAsync("delete from control.push_subscription where id = $1", [browser.Id], cancellationToken);
            return null;
        }
        catch (PushServiceClientException e)
        {
            return $"The push service of {browser.Browser} answered {(int)e.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return $"The push service of {browser.Browser} cannot be reached ({(e.InnerException ?? e).Message})";
        }
        catch (Exception e) when (e is FormatException or ArgumentException or System.Security.Cryptography.CryptographicException)
        {
            await _database.ExecuteAsync("delete from control.push_subscription where id = $1", [browser.Id], cancellationToken);
            return null;        // its key is none: nothing can ever be sent there
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"The push service of {browser.Browser} did not answer within {s_deadline.TotalSeconds:0} s";
        }
    }

    public void Dispose() => _http.Dispose();
}
