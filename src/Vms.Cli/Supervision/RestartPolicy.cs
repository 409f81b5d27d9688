namespace Vms.Cli.Supervision;

/// <summary>When a process that ended is started again: at once the first time, then with a growing delay while it keeps dying.</summary>
internal sealed class RestartPolicy(TimeProvider time)
{
    /// <summary>A process that lived this long starts over with a clean record.</summary>
    public static readonly TimeSpan Forgiven = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan[] s_delays =
        [TimeSpan.Zero, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15)];

    private int _deaths;
    private long _startedAt;

    public void Started() => _startedAt = time.GetTimestamp();

    /// <summary>How long to wait before the next start.</summary>
    public TimeSpan AfterDeath()
    {
        if (time.GetElapsedTime(_startedAt) > Forgiven)
            _deaths = 0;
        return s_delays[Math.Min(_deaths++, s_delays.Length - 1)];
    }
}
