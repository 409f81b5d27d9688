namespace Vms.Control.Features.Nvrs;

/// <summary>How recorders are looked after; tests shorten it.</summary>
internal sealed record NvrWatchOptions
{
    /// <summary>How often a recorder is asked how it is, and for its channels.</summary>
    public TimeSpan RefreshEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Before the second try; doubles up to <see cref="LongestPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>All questions of one look together.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);
}
