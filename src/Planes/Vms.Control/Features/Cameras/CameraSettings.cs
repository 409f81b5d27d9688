namespace Vms.Control.Features.Cameras;

/// <summary>What the operator wants of a camera, checked; everything but its password.</summary>
/// <param name="TlsCertificateSha256">64 lower-case hexadecimal digits: of the only certificate that is taken where it is talked to in TLS; null: any.</param>
internal sealed record CameraSettings(
    string Name,
    bool Enabled,
    string SiteId,
    string MainUrl,
    string? SubUrl,
    string? Username,
    string Transport,
    bool OnDemand,
    bool AllowBasicInClear,
    RecordingSettings Recording,
    AnalyticsSettings Analytics,
    string? TlsCertificateSha256 = null);

/// <param name="Mode">continuous, motion, event or off.</param>
/// <param name="Stream">What is recorded: main, sub or both.</param>
/// <param name="SegmentSeconds">Target length of a file; it is cut at the first keyframe after.</param>
/// <param name="PreRoll">Seconds kept from before an event.</param>
/// <param name="PostRoll">Seconds kept after an event.</param>
/// <param name="Schedule">Spans of the week that beat the mode; null in rows from before there were any.</param>
/// <param name="TimeZone">IANA name of the zone whose wall clock the schedule is; null without one.</param>
/// <param name="SegmentBytes">Target size of a file, as <paramref name="SegmentSeconds"/>; whichever comes first. Null: only time counts.</param>
/// <param name="FillGaps">What is lost while the camera is away is fetched from it when it is back.</param>
/// <param name="OnvifPort">Of the device's web server, which is asked for its recordings then; null: 80.</param>
internal sealed record RecordingSettings(
    string Mode, string Stream, string Format, int SegmentSeconds, int PreRoll, int PostRoll, RetentionSettings Retention,
    IReadOnlyList<ScheduleEntry>? Schedule = null, string? TimeZone = null, long? SegmentBytes = null, bool FillGaps = false, int? OnvifPort = null)
{
    /// <summary>Of <see cref="Stream"/>: each is a recording of its own.</summary>
    public const string Both = "both";

    /// <summary>The streams that are recorded, the better one first.</summary>
    public IReadOnlyList<string> RecordedStreams() => Stream == Both ? ["main", "sub"] : [Stream];

    /// <summary>Something is recorded at some time of the week.</summary>
    public bool WantsAnything => Mode != "off" || Schedule is { } entries && entries.Any(e => e.Mode != "off");
}

/// <summary>How long recordings are kept. Null: no limit but the disk.</summary>
/// <param name="MinAgeDays">What is younger goes only when the disk has no other room, and not without an alarm. Null: no such promise.</param>
/// <param name="BookmarkDays">How long bookmarked footage is kept at least. Null: 90.</param>
internal sealed record RetentionSettings(double? MaxAgeDays, long? MaxBytes, double? MinAgeDays = null, double? BookmarkDays = null)
{
    public const int DefaultBookmarkDays = 90;
}
