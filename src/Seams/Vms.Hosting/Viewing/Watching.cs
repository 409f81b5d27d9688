namespace Vms.Hosting;

/// <summary>What somebody looked at; the names stand in the audit log.</summary>
public enum WatchKind
{
    Live,
    Playback,
    Snapshot,

    /// <summary>They tried, and were not let in.</summary>
    Refused,
}

/// <summary>Whose watching is one and the same: whoever comes again within a minute goes on with it.</summary>
/// <param name="Transport">webrtc, mse, hls, dash, mjpeg, rtsp; playback, clip, samples, motion; snapshot. Of a refusal the reason.</param>
internal readonly record struct WatchKey(Guid? AccountId, string User, string? TenantId, string? Address, WatchKind Kind, string CameraId, string Stream, string Transport);

/// <summary>Somebody watches a camera. One object for as long as it goes on: nothing is made for a sample, a part or a segment. Any thread.</summary>
public sealed class Watching
{
    private readonly Lock _gate = new();
    private int _open;
    private long _lastUse;      // timestamp
    private long _count;
    private DateTimeOffset _from = DateTimeOffset.MaxValue;
    private DateTimeOffset _to = DateTimeOffset.MinValue;

    internal Watching(in WatchKey key, Guid id, DateTimeOffset beganAt, long now) => (Key, Id, BeganAt, BeganTimestamp, _lastUse) = (key, id, beganAt, now, now);

    internal WatchKey Key { get; }

    internal Guid Id { get; }

    internal DateTimeOffset BeganAt { get; }

    internal long BeganTimestamp { get; }

    /// <summary>It was reported while it went on.</summary>
    internal bool IsReported { get; set; }

    internal bool IsOpen => Volatile.Read(ref _open) > 0;

    internal long LastUse => Interlocked.Read(ref _lastUse);

    internal long Count => Interlocked.Read(ref _count);

    /// <summary>Still watching.</summary>
    /// <param name="timestamp">Of the log's clock.</param>
    public void Use(long timestamp) => Interlocked.Exchange(ref _lastUse, timestamp);

    /// <summary>This of the past was shown.</summary>
    public void Cover(DateTimeOffset from, DateTimeOffset to)
    {
        lock (_gate)
        {
            _from = from < _from ? from : _from;
            _to = to > _to ? to : _to;
        }
    }

    internal (DateTimeOffset? From, DateTimeOffset? To) Covered
    {
        get
        {
            lock (_gate)
                return _to < _from ? (null, null) : (_from, _to);
        }
    }

    internal void Enter(long timestamp, bool stays)
    {
        if (stays)
            Interlocked.Increment(ref _open);
        Interlocked.Increment(ref _count);
        Use(timestamp);
    }

    internal void Leave(long timestamp)
    {
        Use(timestamp);
        Interlocked.Decrement(ref _open);
    }
}
