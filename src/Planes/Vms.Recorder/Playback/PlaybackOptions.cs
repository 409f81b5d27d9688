namespace Vms.Recorder.Playback;

/// <summary>Ceilings of playback: what one request may ask for, and how much of the machine viewers may take from recording.</summary>
internal sealed record PlaybackOptions
{
    /// <summary>Fragments read from the disk at the same time, over all viewers.</summary>
    public int MaxReads { get; init; } = 8;

    /// <summary>Bodies being sent at the same time; each holds one fragment in memory. More are answered 503.</summary>
    public int MaxBodies { get; init; } = 128;

    /// <summary>Connections open at the same time over which players ask for samples; each holds one fragment in memory while it sends. More are answered 503.</summary>
    public int MaxSampleConnections { get; init; } = 256;

    /// <summary>Such a connection is closed when its client has asked for nothing and taken nothing for so long.</summary>
    public TimeSpan SampleConnectionIdle { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan MaxTimeline { get; init; } = TimeSpan.FromDays(400);

    /// <summary>A timeline longer than this shows details of a size that can be seen on it, unless asked otherwise.</summary>
    public TimeSpan ExactTimeline { get; init; } = TimeSpan.FromDays(32);

    public TimeSpan MaxPlaylist { get; init; } = TimeSpan.FromHours(25);

    public TimeSpan MaxClip { get; init; } = TimeSpan.FromHours(25);

    /// <summary>A converted piece is kept so long for whoever asks for it, too.</summary>
    public TimeSpan ConvertedAge { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Of converted pieces kept.</summary>
    public long MaxConvertedBytes { get; init; } = 64 << 20;

    /// <summary>How long a piece waits for its turn to be converted; then the viewer is told to come again. Longer than a live conversion goes
    /// on after its last viewer, who may have come over from there.</summary>
    public TimeSpan ConversionWait { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest that converting a piece of some seconds may take.</summary>
    public TimeSpan ConversionPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Pictures of the archive made at the same time for those who look at them.</summary>
    public int MaxPicturesAtOnce { get; init; } = 2;

    /// <summary>Pictures that are being made or wait for it; one more is answered 503.</summary>
    public int MaxPicturesWaiting { get; init; } = 32;

    /// <summary>Of pictures kept for whoever asks next.</summary>
    public long MaxPictureBytes { get; init; } = 32 << 20;

    /// <summary>How far ahead of the wanted time the first picture may lie, where that is asked for.</summary>
    public TimeSpan MaxPreviewAhead { get; init; } = TimeSpan.FromHours(1);
}
