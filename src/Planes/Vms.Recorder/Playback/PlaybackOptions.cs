namespace Vms.Recorder.Playback;

/// <summary>Ceilings of playback: what one request may ask for, and how much of the machine viewers may take from recording.</summary>
internal sealed record PlaybackOptions
{
    /// <summary>Fragments read from the disk at the same time, over all viewers.</summary>
    public int MaxReads { get; init; } = 8;

    /// <summary>Bodies being sent at the same time; each holds one fragment in memory. More are answered 503.</summary>
    public int MaxBodies { get; init; } = 128;

    public TimeSpan MaxTimeline { get; init; } = TimeSpan.FromDays(32);

    public TimeSpan MaxPlaylist { get; init; } = TimeSpan.FromHours(25);

    public TimeSpan MaxClip { get; init; } = TimeSpan.FromHours(25);
}
