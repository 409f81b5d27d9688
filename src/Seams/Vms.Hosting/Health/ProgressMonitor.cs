namespace Vms.Hosting;

/// <summary>
/// "Is it alive" as a fact instead of a guess: each loop that matters registers and beats; a loop that is silent for longer
/// than it promised makes the plane unhealthy, and the supervisor restarts it with the loop's name as the cause.
/// </summary>
public sealed class ProgressMonitor(TimeProvider time)
{
    /// <summary>Silence after which the supervisor restarts a plane.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Progress[] _loops = [];

    /// <summary>Starts watching a loop. Dispose the answer when the loop ends on purpose.</summary>
    public Progress Register(string loopName, TimeSpan? patience = null)
    {
        var progress = new Progress(this, loopName, patience ?? DefaultPatience, time);
        lock (_gate)
            _loops = [.. _loops, progress];
        return progress;
    }

    /// <summary>The loops that are overdue, each with the seconds since its last beat.</summary>
    public IReadOnlyList<(string Loop, TimeSpan Silent)> Stalled() =>
        [.. _loops.Where(l => l.Silent > l.Patience).Select(l => (l.LoopName, l.Silent))];

    internal void Forget(Progress progress)
    {
        lock (_gate)
            _loops = [.. _loops.Where(l => l != progress)];
    }
}

/// <summary>One registered loop. <see cref="Beat"/> may be called from any thread and costs a clock read and a store.</summary>
public sealed class Progress : IDisposable
{
    private readonly ProgressMonitor _monitor;
    private readonly TimeProvider _time;
    private long _last;

    internal Progress(ProgressMonitor monitor, string loopName, TimeSpan patience, TimeProvider time)
    {
        _monitor = monitor;
        _time = time;
        LoopName = loopName;
        Patience = patience;
        _last = time.GetTimestamp();
    }

    public string LoopName { get; }

    public TimeSpan Patience { get; }

    public TimeSpan Silent => _time.GetElapsedTime(Volatile.Read(ref _last));

    public void Beat() => Volatile.Write(ref _last, _time.GetTimestamp());

    public void Dispose() => _monitor.Forget(this);
}
