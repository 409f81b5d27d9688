using System.Diagnostics.Metrics;

namespace Vms.Hosting;

/// <summary>Records how long each garbage collection stopped the process.</summary>
/// <remarks>Each collection finds one unreachable <see cref="Sentinel"/>, whose finalizer asks for the pauses and leaves the next one behind. That costs
/// a few dozen bytes per collection; an event listener on the runtime would wake a thread ten times a second instead. A collection that
/// another one follows before its finalizers have run is not among them.</remarks>
internal sealed class GcPauses : IDisposable
{
    private readonly Histogram<double> _seconds;
    private long _lastIndex;
    private volatile bool _ended;

    public GcPauses(Meter meter)
    {
        _seconds = meter.CreateHistogram<double>("vms_process_gc_pause_seconds", "s", "Time for which one garbage collection stopped the process.");
        LeaveSentinel();
    }

    public void Dispose() => _ended = true;

    private void LeaveSentinel() => _ = new Sentinel(this);

    private void Record()
    {
        var info = GC.GetGCMemoryInfo(GCKind.Any);
        if (info.Index == _lastIndex)
            return;
        _lastIndex = info.Index;
        foreach (var pause in info.PauseDurations)
        {
            if (pause > TimeSpan.Zero)
                _seconds.Record(pause.TotalSeconds);
        }
    }

    private sealed class Sentinel(GcPauses owner)
    {
        ~Sentinel()
        {
            if (owner._ended)
                return;
            owner.Record();
            owner.LeaveSentinel();
        }
    }
}
