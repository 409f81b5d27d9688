using System.Collections.Concurrent;
using System.Collections.Frozen;
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
    /// <summary>How long an answer counts; for what was taken away since, not a moment longer.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(60);

    /// <summary>A refusal is asked again each time, but while control lets nobody try it still counts: a closed account must not go on because its
    /// sessions ask too often.</summary>
    private static readonly TimeSpan s_refusalCounts = TimeSpan.FromMinutes(10);

    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(5);

    private readonly RevokedRights _revoked;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, Grant> _granted = new();
    private readonly ConcurrentDictionary<string, long> _refused = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<(RtspVerdict Verdict, Grant? Grant)>>> _asking = new();

    public ControlAccess(PlaneOptions options, RevokedRights revoked, TimeProvider time)
    {
        _revoked = revoked;
        _time = time;
        var endPoint = new UnixDomainSocketEndPoint(options.SocketOf("control", "http"));
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectCallback = (_, token) => ConnectAsync(endPoint, token) })
        {
            BaseAddress = new Uri("http://control/"),
            Timeout = s_deadline,
        };
    }

    public async ValueTask<(RtspVerdict Verdict, Viewer? Viewer)> CheckAsync(
        string username, string password, string cameraId, string address, bool publish, CancellationToken cancellationToken)
    {
        // Passwords are not kept, not even hashed in a way that another process could test. The answer holds for all cameras that it names.
        string key = Convert.ToHexString(HMACSHA256.HashData(_key, JsonSerializer.SerializeToUtf8Bytes((string[])[username, password, publish ? "publish" : "watch"])));
        var right = publish ? ViewingRight.Publish : ViewingRight.Live;
        if (_granted.TryGetValue(key, out var known) && _time.GetElapsedTime(known.At) < Memory && !_revoked.Takes(known.Viewer, right, cameraId))
            return VerdictOf(known, cameraId);

        // Cameras that are opened together ask together.
        var asking = _asking.GetOrAdd(key, _ => new Lazy<Task<(RtspVerdict, Grant?)>>(() => AskOnceAsync(key, username, password, cameraId, address, publish)));
        var (verdict, grant) = await asking.Value.WaitAsync(cancellationToken);
        return grant is null ? (verdict, null) : VerdictOf(grant, cameraId);
    }

    private async Task<(RtspVerdict Verdict, Grant? Grant)> AskOnceAsync(string key, string username, string password, string cameraId, string address, bool publish)
    {
        try
        {
            return await AskAsync(key, username, password, cameraId, address, publish);
        }
        finally
        {
            _asking.TryRemove(key, out _);
        }
    }

    private async Task<(RtspVerdict Verdict, Grant? Grant)> AskAsync(string key, string username, string password, string cameraId, string address, bool publish)
    {
        RtspVerdict verdict;
        Answer? answer = null;
        try
        {
            using var response = await _http.PostAsJsonAsync("local/viewers", new { username, password, cameraId, address, publish }, CancellationToken.None);
            verdict = response.StatusCode == HttpStatusCode.OK ? RtspVerdict.Granted : VerdictOf(response.StatusCode);
            if (verdict == RtspVerdict.Granted)
                answer = await response.Content.ReadFromJsonAsync<Answer>(CancellationToken.None);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
        {
            return (RtspVerdict.Unknown, null);
        }

        switch (verdict)
        {
            case RtspVerdict.Granted:
                var grant = new Grant(
                    // As the account is called, not as somebody wrote it: the audit log has one name of each.
                    new Viewer(answer?.Username ?? username, null, answer?.AccountId, null, answer?.RightsAsOf ?? default, answer?.TenantId),
                    answer?.CameraIds?.ToFrozenSet(StringComparer.Ordinal), _time.GetTimestamp());
                Remember(_granted, key, grant);
                _refused.TryRemove(key, out _);
                return (verdict, grant);
            case RtspVerdict.Refused or RtspVerdict.NotAllowed:
                _granted.TryRemove(key, out _);
                Remember(_refused, key, _time.GetTimestamp());
                break;
            case RtspVerdict.Throttled when _refused.TryGetValue(key, out long at) && _time.GetElapsedTime(at) < s_refusalCounts:
                verdict = RtspVerdict.Refused;
                break;
        }

        return (verdict, null);
    }

    private static (RtspVerdict Verdict, Viewer? Viewer) VerdictOf(Grant grant, string cameraId) =>
        grant.CameraIds?.Contains(cameraId) == false ? (RtspVerdict.NotAllowed, null) : (RtspVerdict.Granted, grant.Viewer);

    private static void Remember<T>(ConcurrentDictionary<string, T> answers, string key, T answer)
    {
        if (answers.Count >= MaxRemembered)
            answers.Clear();
        answers[key] = answer;
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

    /// <param name="CameraIds">Null: all.</param>
    private sealed record Grant(Viewer Viewer, FrozenSet<string>? CameraIds, long At);

    private sealed record Answer(string? Username, IReadOnlyList<string>? CameraIds, Guid? AccountId, string? TenantId, DateTimeOffset RightsAsOf);
}
