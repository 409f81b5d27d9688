namespace Vms.Ai.Crashes;

/// <summary>One at a time. Any thread.</summary>
internal sealed class Suspects
{
    /// <summary>One waits for the others no longer than this: a model may be loaded for minutes.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    [ThreadStatic]
    private static long t_waitedTicks;

    private readonly Lock _one = new();

    /// <summary>How long this thread has waited for others, all in all: it was not busy meanwhile.</summary>
    internal static TimeSpan Waited => TimeSpan.FromTicks(t_waitedTicks);

    internal bool TryEnter(TimeProvider time)
    {
        long began = time.GetTimestamp();
        bool hasEntered = _one.TryEnter(s_patience);
        t_waitedTicks += time.GetElapsedTime(began).Ticks;
        return hasEntered;
    }

    /// <summary>The thread that entered.</summary>
    internal void Exit() => _one.Exit();
}
