namespace Vms.Codecs;

/// <summary>What is known of a sample besides its bytes. The numbers of the flags reach disk: never renumber.</summary>
[Flags]
public enum SampleFlags : byte
{
    None = 0,

    /// <summary>Decoding can start here: an IDR picture whose parameter sets are in the track's codec parameters.</summary>
    Keyframe = 1,

    /// <summary>Does not continue the sample before it; <see cref="SampleHeader.Cause"/> says why.</summary>
    Discontinuity = 2,

    /// <summary>First sample that needs a newer version of the track table.</summary>
    ParametersChanged = 4,
}

/// <summary>Why samples are missing before a discontinuity. The timeline and the metrics use the names; the numbers reach disk.</summary>
public enum GapCause : byte
{
    None = 0,
    CameraOffline = 1,
    MediaRestart = 2,
    PacketLoss = 3,
    ClockStep = 4,
    ParametersChanged = 5,
    RecorderOverrun = 6,
    RecorderDown = 7,
    DiskFull = 8,
    Disabled = 9,

    /// <summary>It was recorded, and the file is no longer what was written. Only in the archive's index: never in a stream log.</summary>
    Damaged = 10,

    /// <summary>Nobody wanted it recorded: the schedule says off. Only in the archive's index, as the next one.</summary>
    Schedule = 11,

    /// <summary>Recorded only when something happens, and nothing did.</summary>
    NoTrigger = 12,

    /// <summary>Found afterwards: it is in no file, and nothing on the books said why. Only in the archive's index.</summary>
    Unaccounted = 13,
}

/// <summary>A sample's place and time. Payload: video as 4-byte big-endian length-prefixed NAL units without parameter sets'
/// framing changes; audio frames as they are.</summary>
/// <param name="TrackId">The <see cref="TrackInfo.Id"/> it belongs to.</param>
/// <param name="Flags">See <see cref="SampleFlags"/>.</param>
/// <param name="Cause">Only with <see cref="SampleFlags.Discontinuity"/>.</param>
/// <param name="TracksVersion">Version of the track table this sample decodes with.</param>
/// <param name="Pts">Presentation time in the track's timescale, unwrapped to 64 bit; continues across a reconnect of the same
/// writer only when no discontinuity is flagged. Samples stand in decode order.</param>
/// <param name="CaptureTimeUs">Best estimate of UTC when light hit the sensor, microseconds since 1970.</param>
public readonly record struct SampleHeader(
    byte TrackId, SampleFlags Flags, GapCause Cause, uint TracksVersion, long Pts, long CaptureTimeUs)
{
    public bool IsKeyframe => (Flags & SampleFlags.Keyframe) != 0;

    public bool IsDiscontinuity => (Flags & SampleFlags.Discontinuity) != 0;
}
