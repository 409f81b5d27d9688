namespace Vms.Testing;

/// <summary>A clock only the test moves: wall, monotonic and timers. Timers fire inside <see cref="Advance"/>, in order of their
/// times, on the caller's thread. Any thread.</summary>
/// <remarks>The monotonic frequency is odd on purpose: code that takes a timestamp for 100 ns ticks fails here.</remarks>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _utcNow;
    private TimeSpan _elapsed = TimeSpan.FromHours(1);

    public ManualTimeProvider()
        : this(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))
    {
    }

    public ManualTimeProvider(DateTimeOffset start) => _utcNow = start;

    public override long TimestampFrequency => 3_333_333;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _utcNow;
    }

    public override long GetTimestamp()
    {
        lock (_gate)
            return (long)((Int128)_elapsed.Ticks * TimestampFrequency / TimeSpan.TicksPerSecond);
    }

    /// <summary>Time passes.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan end;
        lock (_gate)
            end = _elapsed + by;
        while (true)
        {
            ManualTimer? due;
            lock (_gate)
            {
                due = _timers.Where(timer => timer.DueAt <= end).MinBy(timer => timer.DueAt);
                var next = due?.DueAt ?? end;
                if (next > _elapsed)
                {
                    _utcNow += next - _elapsed;
                    _elapsed = next;
                }

                due?.Rearm(_elapsed);
            }

            if (due is null)
                return;
            due.Fire();
        }
    }

    /// <summary>Somebody sets the wall clock; monotonic time and timers do not notice.</summary>
    public void SetWallClock(DateTimeOffset now)
    {
        lock (_gate)
            _utcNow = now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public TimeSpan? DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                _period = period;
                DueAt = dueTime == Timeout.InfiniteTimeSpan ? null : clock._elapsed + dueTime;
                clock._timers.Remove(this);
                if (DueAt is not null)
                    clock._timers.Add(this);
            }

            return true;
        }

        public void Rearm(TimeSpan now)
        {
            DueAt = _period > TimeSpan.Zero ? now + _period : null;
            if (DueAt is null)
                clock._timers.Remove(this);
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock._gate)
            {
                DueAt = null;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
