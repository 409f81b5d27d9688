using System.Runtime.CompilerServices;

namespace Vms.Testing;

/// <summary>Waits for a condition with a deadline, instead of sleeping for luck.</summary>
public static class Eventually
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(10);

    /// <summary>Long: it costs nothing where the condition comes true, and a busy machine with two cores may take its time.</summary>
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    /// <exception cref="TimeoutException">The condition did not become true in time; the message is its source text.</exception>
    public static Task TrueAsync(
        Func<bool> condition, TimeSpan? deadline = null, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        TrueAsync(() => Task.FromResult(condition()), deadline, text);

    /// <inheritdoc cref="TrueAsync(Func{bool}, TimeSpan?, string)"/>
    public static async Task TrueAsync(
        Func<Task<bool>> condition, TimeSpan? deadline = null, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        var limit = deadline ?? s_deadline;
        long start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(s_poll);
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > limit)
                throw new TimeoutException($"Not true within {limit}: {text}");
            await timer.WaitForNextTickAsync();
        }
    }
}
