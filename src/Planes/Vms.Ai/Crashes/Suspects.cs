namespace Vms.Ai.Crashes;

/// <summary>One at a time. Any thread.</summary>
internal sealed class Suspects
{
    /// <summary>One waits for the others no longer than this: a model may be loaded for minutes.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly Lock _one = new();

    internal bool TryEnter() => _one.TryEnter(s_patience);

    /// <summary>The thread that entered.</summary>
    internal void Exit() => _one.Exit();
}
