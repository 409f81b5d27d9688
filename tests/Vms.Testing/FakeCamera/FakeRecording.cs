namespace Vms.Testing.FakeCamera;

/// <summary>What a fake camera has recorded itself and plays again by <c>Range: clock=</c>: frame n was captured n frames behind <see cref="Start"/>.</summary>
public sealed record FakeRecording
{
    /// <summary>By the camera's clock. Null: it records what it sends live, from its first frame on.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Frames there are; those of the future are none.</summary>
    public int Frames { get; init; } = int.MaxValue;

    /// <summary>Frames that it has not, though it has those around them.</summary>
    public IReadOnlyList<Range> Holes { get; init; } = [];

    /// <summary>Its clock runs ahead of the world's: ranges that are asked for and times that are told are by its own.</summary>
    public TimeSpan ClockOffset { get; init; }

    /// <summary>It plays something else than it was asked for, this much later.</summary>
    public TimeSpan PlaysLater { get; init; }

    /// <summary>No header extension in front of sound.</summary>
    public bool TellsNoTimesOfSound { get; init; }

    /// <summary>No header extension: nobody knows when the pictures were taken.</summary>
    public bool TellsNoTimes { get; init; }

    /// <summary>The header extension stands in front of keyframes alone.</summary>
    public bool TellsTimesOfKeyframes { get; init; }

    /// <summary>551 for ONVIF's replay feature; ranges are known.</summary>
    public bool LacksFeature { get; init; }

    /// <summary>The address carries the range, as <c>starttime=…&amp;endtime=…</c> in one of the two ways that recorders write it; PLAY's is not looked at, and there is no header extension.</summary>
    public bool PlaysByUrl { get; init; }

    /// <summary>Of the times in addresses: local time minus UTC.</summary>
    public TimeSpan Zone { get; init; }

    /// <summary>A sender report every second of the recording, which says when that was recorded.</summary>
    public bool ReportsRecordedTimes { get; init; }

    /// <summary>A sender report every second of the recording, which says when it was sent.</summary>
    public bool ReportsSendingTimes { get; init; }

    /// <summary>Reports come behind the pictures that they are about, not in front of them.</summary>
    public bool ReportsBehind { get; init; }

    /// <summary>The connection breaks after so many frames; 0: it does not.</summary>
    public int BreaksAfter { get; init; }

    /// <summary>Nothing but reports comes after so many frames; 0: everything does.</summary>
    public int SilentAfter { get; init; }
}
