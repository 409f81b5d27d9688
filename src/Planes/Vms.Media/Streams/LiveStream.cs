using System.Collections.Immutable;
using Vms.Codecs;
using Vms.Media.Ingest.Push;
using Vms.StreamLog;

namespace Vms.Media.Streams;

/// <summary>
/// One stream of one camera as the rest of the plane sees it: its log, its tracks, who wants to know about new samples. It lives
/// as long as the pipeline is applied, so viewers stay attached while the camera reconnects. Any thread.
/// </summary>
internal sealed class LiveStream
{
    private readonly StreamLogDirectory _logs;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private ImmutableArray<ISampleSignal> _subscribers = [];    // replaced, never edited: ingest threads read it without the gate
    private volatile IReadOnlyList<TrackInfo> _tracks = [];
    private volatile bool _leavesCameraAnalysis;
    private int _demand;

    internal LiveStream(string cameraId, string name, StreamLogDirectory logs, TimeProvider clock)
    {
        CameraId = cameraId;
        Name = name;
        LogName = StreamLogDirectory.NameOf(cameraId, name);
        _logs = logs;
        _clock = clock;
    }

    public string CameraId { get; }

    /// <summary>"main" or "sub"; "main-h264" or "sub-h264" where it is converted.</summary>
    public string Name { get; }

    public string LogName { get; }

    /// <summary>The newest track table; empty until the camera has described itself once.</summary>
    public IReadOnlyList<TrackInfo> Tracks => _tracks;

    /// <summary>Somebody in this plane waits for its samples: a viewer.</summary>
    public bool IsSubscribed => !_subscribers.IsEmpty;

    /// <summary>Among them is one that waits for every sample.</summary>
    public bool IsUrgent
    {
        get
        {
            foreach (var subscriber in _subscribers)
            {
                if (subscriber.IsUrgent)
                    return true;
            }

            return false;
        }
    }

    /// <summary>What the camera's own analysis says in its metadata track is told to nobody: the server looks at the picture itself.</summary>
    public bool LeavesCameraAnalysis
    {
        get => _leavesCameraAnalysis;
        internal set => _leavesCameraAnalysis = value;
    }

    /// <summary>Where a publisher comes in; null for a camera that is pulled.</summary>
    public PublishPoint? PublishPoint { get; internal set; }

    /// <summary>How many hold a <see cref="Demand"/> now.</summary>
    public int DemandCount => Volatile.Read(ref _demand);

    /// <summary>Raised when the first demand arrives and when the last one leaves. Handlers must not block.</summary>
    internal event Action<LiveStream>? DemandChanged;

    /// <summary>Raised when <see cref="Tracks"/> was replaced, mostly on an ingest thread. Handlers must not block.</summary>
    internal event Action<LiveStream>? TracksChanged;

    /// <summary>A new reader, owned by the caller; null while the stream has no log yet.</summary>
    public StreamLogReader? TryOpenReader() =>
        StreamLogReader.TryOpen(_logs, LogName, _clock, out var reader) ? reader : null;

    public void Subscribe(ISampleSignal signal)
    {
        lock (_gate)
            ImmutableInterlocked.InterlockedExchange(ref _subscribers, _subscribers.Add(signal));
    }

    public void Unsubscribe(ISampleSignal signal)
    {
        lock (_gate)
            ImmutableInterlocked.InterlockedExchange(ref _subscribers, _subscribers.Remove(signal));
    }

    /// <summary>Keeps an on-demand camera pulled until the result is disposed. Costs nothing on a stream that is always pulled.</summary>
    public IDisposable Demand()
    {
        if (Interlocked.Increment(ref _demand) == 1)
            DemandChanged?.Invoke(this);
        return new HeldDemand(this);
    }

    /// <summary>Ingest threads only, after a pass that appended.</summary>
    internal void SignalSubscribers()
    {
        foreach (var subscriber in _subscribers)
            subscriber.Signal();
    }

    internal void PublishTracks(IReadOnlyList<TrackInfo> tracks)
    {
        _tracks = tracks;
        TracksChanged?.Invoke(this);
    }

    private void ReleaseDemand()
    {
        if (Interlocked.Decrement(ref _demand) == 0)
            DemandChanged?.Invoke(this);
    }

    private sealed class HeldDemand(LiveStream stream) : IDisposable
    {
        private LiveStream? _stream = stream;

        public void Dispose() => Interlocked.Exchange(ref _stream, null)?.ReleaseDemand();
    }
}
