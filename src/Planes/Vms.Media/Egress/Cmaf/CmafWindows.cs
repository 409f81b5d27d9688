using Vms.Media.Streams;

namespace Vms.Media.Egress.Cmaf;

/// <summary>The windows of the streams that somebody watches by HLS or DASH: made by the first request, closed when none has come
/// for a while, since such viewers do not say that they leave. A window keeps its camera pulled. Any thread.</summary>
internal sealed class CmafWindows : IDisposable
{
    /// <summary>Kept after the last request. A blocked request lasts no longer than <see cref="Patience"/>.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);

    /// <summary>The longest that a request waits for what is to come.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan s_sweep = TimeSpan.FromSeconds(1);

    private readonly SharedStreams<CmafStream> _streams;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<LiveStream, Held> _held = [];
    private readonly ITimer _timer;
    private bool _stopped;

    public CmafWindows(SharedStreams<CmafStream> streams, CmafCounters counters, TimeProvider time)
    {
        _streams = streams;
        Counters = counters;
        _time = time;
        _timer = time.CreateTimer(_ => CloseIdle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A window has changed, see <see cref="CmafWindow.Changed"/>.</summary>
    public event Action<CmafWindow>? Changed;

    /// <summary>Of all windows, and of the streams that fill them.</summary>
    public CmafCounters Counters { get; }

    /// <summary>A snapshot.</summary>
    public IReadOnlyList<(LiveStream Stream, CmafWindow Window)> All
    {
        get
        {
            lock (_gate)
                return [.. _held.Values.Select(h => (h.Stream, h.Window))];
        }
    }

    /// <summary>The stream's window, kept for a while from now on; null when the plane stops.</summary>
    public CmafWindow? Use(LiveStream stream)
    {
        lock (_gate)
        {
            if (_stopped)
                return null;
            if (!_held.TryGetValue(stream, out var held))
            {
                var window = new CmafWindow(_time, Counters, CmafStream.GroupOfPictures(stream)) { Changed = w => Changed?.Invoke(w) };
                bool isNew = false;
                var egress = _streams.Share(stream, e =>
                {
                    isNew = true;
                    e.BeginEarlier();
                    e.Attach(window);       // before it is opened: not a sample is missed
                });
                if (!isNew)
                    egress.Attach(window);
                held = new Held(stream, egress, window, stream.Demand());
                _held.Add(stream, held);
                if (_held.Count == 1)
                    _timer.Change(s_sweep, s_sweep);
            }

            held.LastUse = _time.GetTimestamp();
            return held.Window;
        }
    }

    /// <summary>The pipeline is gone.</summary>
    public void CloseAll(LiveStream stream) => Close(h => h.Stream == stream);

    public void Stop()
    {
        lock (_gate)
            _stopped = true;
        Close(_ => true);
    }

    public void Dispose()
    {
        Stop();
        _timer.Dispose();
    }

    // Requests that wait look up once a second: a timer for each would cost more than all the rest of them.
    private void CloseIdle()
    {
        long now = _time.GetTimestamp();
        Close(h => _time.GetElapsedTime(h.LastUse, now) > Idle);
        foreach (var (_, window) in All)
            window.Wake();
    }

    private void Close(Func<Held, bool> which)
    {
        lock (_gate)
        {
            foreach (var held in _held.Values.Where(which).ToList())
            {
                _held.Remove(held.Stream);
                held.Egress.Detach(held.Window);
                _streams.Release(held.Egress);
                held.Demand.Dispose();
            }

            if (_held.Count == 0)
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Held(LiveStream stream, CmafStream egress, CmafWindow window, IDisposable demand)
    {
        public LiveStream Stream => stream;

        public CmafStream Egress => egress;

        public CmafWindow Window => window;

        public IDisposable Demand => demand;

        public long LastUse { get; set; }
    }
}
