using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Vms.Hosting;

namespace Vms.Media.Egress.Rtsp;

/// <summary>Asks control over its local socket whether a user may watch a camera, or send its pictures. What was right is right for a minute: fifty
/// sessions of one recorder are one question. Any thread.</summary>
internal sealed class ControlAccess : IDisposable
{
    /// <summary>How long an answer counts. Rights that are taken away end a session after at most this and the interval of checks.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(60);

    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, (string User, long At)> _granted = new();

    public ControlAccess(PlaneOptions options, TimeProvider time)
    {
        _time = time;
        var endPoint = new UnixDomainSocketEndPoint(options.SocketOf("control", "http"));
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectCallback = (_, token) => ConnectAsync(endPoint, token) })
        {
            BaseAddress = new Uri("http://control/"),
            Timeout = s_deadline,
        };
    }

    public async ValueTask<(RtspVerdict Verdict, string User)> CheckAsync(
        string username, string password, string cameraId, string address, bool publish, CancellationToken cancellationToken)
    {
        // Passwords are not kept, not even hashed in a way that another process could test.
        string key = Convert.ToHexString(HMACSHA256.HashData(_key, JsonSerializer.SerializeToUtf8Bytes((string[])[username, password, cameraId, publish ? "publish" : "watch"])));
        if (_granted.TryGetValue(key, out var known) && _time.GetElapsedTime(known.At) < Memory)
            return (RtspVerdict.Granted, known.User);

        try
        {
            using var response = await _http.PostAsJsonAsync("local/viewers", new { username, password, cameraId, address, publish }, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
                return (VerdictOf(response.StatusCode), "");
            if (_granted.Count >= MaxRemembered)
                _granted.Clear();
            _granted[key] = (username, _time.GetTimestamp());
            return (RtspVerdict.Granted, username);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return (RtspVerdict.Unknown, "");
        }
    }

    public void Dispose() => _http.Dispose();

    private static RtspVerdict VerdictOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest => RtspVerdict.Refused,
        HttpStatusCode.Forbidden => RtspVerdict.NotAllowed,
        HttpStatusCode.TooManyRequests => RtspVerdict.Throttled,
        _ => RtspVerdict.Unknown,
    };

    private static async ValueTask<Stream> ConnectAsync(UnixDomainSocketEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
