using System.Net.Sockets;
using System.Text.Json;
using Vms.Control.Auth;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Limits;

/// <summary>
/// How many cameras a person watches at the same time: what the media plane has open for them, and what they were let in to a moment ago and may
/// be about to open. The streams of one camera count once, so that a tile can change from one to the other. Any thread.
/// </summary>
internal sealed class LiveStreamLimit(UsageLimitRows limits, RightsState rights, PlaneOptions options, TimeProvider time) : IDisposable
{
    /// <summary>A list of ten thousand viewers is some 2 MB.</summary>
    private const int MaxAnswerBytes = 4 << 20;

    /// <summary>From the answer to the open stream.</summary>
    private static readonly TimeSpan s_opening = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);

    private readonly HttpClient _media = Client(options);
    private readonly Lock _gate = new();
    private readonly Dictionary<(Guid Who, string CameraId), DateTimeOffset> _letIn = [];

    private sealed record Sessions(IReadOnlyList<Session> Items);

    private sealed record Session(string User, string CameraId);

    /// <summary>Null: they are let in. Without a limit nobody is asked.</summary>
    public async Task<LimitRefusal?> EnterAsync(Principal who, string cameraId, CancellationToken cancellationToken)
    {
        var snapshot = rights.Current;
        var siteId = snapshot?.Cameras.GetValueOrDefault(cameraId)?.SiteId ?? "";
        var (tenant, site) = await limits.OfAsync(who.TenantId, siteId, cancellationToken);
        if (tenant.LiveStreamsPerUser is null && site.LiveStreamsPerUser is null)
            return null;
        if (IsBeingWatched(who, cameraId))
            return null;

        var watched = (await OpenAsync(cancellationToken)).Where(s => s.User == Caller.NameOf(who)).Select(s => s.CameraId).ToHashSet(StringComparer.Ordinal);
        lock (_gate)
        {
            var now = time.GetUtcNow();
            foreach (var old in _letIn.Where(l => now - l.Value >= s_opening).Select(l => l.Key).ToList())
                _letIn.Remove(old);
            watched.UnionWith(_letIn.Keys.Where(l => l.Who == who.Id).Select(l => l.CameraId));
            if (!watched.Contains(cameraId))
            {
                if (watched.Count >= tenant.LiveStreamsPerUser)
                    return new LimitRefusal("liveStreamsPerUser", tenant.LiveStreamsPerUser.Value, null);
                if (watched.Count(id => snapshot?.Cameras.GetValueOrDefault(id)?.SiteId == siteId) >= site.LiveStreamsPerUser)
                    return new LimitRefusal("liveStreamsPerUser", site.LiveStreamsPerUser.Value, siteId);
            }

            _letIn[(who.Id, cameraId)] = now;
            return null;
        }
    }

    public void Dispose() => _media.Dispose();

    /// <summary>They were let in to this camera a moment ago, and it counts on: a player that asks for playlists and segments is a viewer with every request.</summary>
    private bool IsBeingWatched(Principal who, string cameraId)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (!_letIn.TryGetValue((who.Id, cameraId), out var since) || now - since >= s_opening)
                return false;
            _letIn[(who.Id, cameraId)] = now;
            return true;
        }
    }

    private static HttpClient Client(PlaneOptions options)
    {
        var client = LocalHttp.Client(options.SocketOf("media", "http"));
        client.MaxResponseContentBufferSize = MaxAnswerBytes;
        return client;
    }

    /// <summary>None while the media plane is away: then nobody watches.</summary>
    private async Task<IReadOnlyList<Session>> OpenAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(s_timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return (await _media.GetFromJsonAsync<Sessions>("live/sessions", linked.Token))?.Items ?? [];
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or JsonException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }
}
