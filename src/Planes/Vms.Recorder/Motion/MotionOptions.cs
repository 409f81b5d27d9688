namespace Vms.Recorder.Motion;

/// <summary>Ceilings of motion search.</summary>
internal sealed record MotionOptions
{
    /// <summary>Searches at the same time; one more is answered 503.</summary>
    public int MaxSearches { get; init; } = 2;

    public TimeSpan MaxRange { get; init; } = TimeSpan.FromDays(7);

    /// <summary>A search that has found so many ends there.</summary>
    public int MaxHits { get; init; } = 1000;

    /// <summary>Motion that goes on for longer is told as several hits.</summary>
    public TimeSpan MaxHitLength { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Motion that pauses for no longer is one hit.</summary>
    public TimeSpan JoinWithin { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The index is asked for so much at a time.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Who searches hears at least so often how far it has come.</summary>
    public TimeSpan ProgressEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Least share of a cell that must have changed, in percent, when nobody says.</summary>
    public int UsualChange { get; init; } = 15;
}
