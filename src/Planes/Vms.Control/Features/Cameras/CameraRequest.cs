namespace Vms.Control.Features.Cameras;

/// <summary>Body of <c>POST /api/cameras</c>, and what a merge patch is applied to.</summary>
/// <param name="MainUrl">rtsp:// or rtsps://; credentials in it are moved to their fields. push: for a camera that sends to this server.</param>
/// <param name="Transport">auto, tcp, udp, multicast or http.</param>
/// <param name="OnDemand">Connect only while somebody watches or records.</param>
/// <param name="AllowBasicInClear">Send the password to a camera that asks for it with Basic, where everybody on the way can read it.</param>
/// <param name="GroupIds">The camera groups that it is in, all of them; needs the right to change groups.</param>
/// <param name="TlsCertificateSha256">SHA-256 of the only certificate that is taken from the camera over rtsps:// and https://, 64 hexadecimal digits, with or without colons; null: any, because devices sign their own.</param>
/// <param name="Generation">Patch only: refuse (409) when the camera changed since this generation was read.</param>
internal sealed record CameraRequest(
    string? Name = null,
    string? MainUrl = null,
    string? SubUrl = null,
    string? Username = null,
    string? Password = null,
    string? Transport = null,
    bool? OnDemand = null,
    bool? AllowBasicInClear = null,
    bool? Enabled = null,
    string? SiteId = null,
    RecordingRequest? Recording = null,
    AnalyticsRequest? Analytics = null,
    long? Generation = null,
    IReadOnlyList<string>? GroupIds = null,
    string? TlsCertificateSha256 = null);

/// <param name="Mode">continuous, off, motion (while something moves or happens) or event (while something happens that is more than motion).</param>
/// <param name="Schedule">Spans of the week in which another mode applies; where two overlap, the later one in the list counts.</param>
/// <param name="TimeZone">IANA name, as Europe/Berlin: the schedule is wall clock there, whatever daylight saving time does. Absent: the server's zone.</param>
/// <param name="PreRoll">Seconds that are recorded from before something happens, 0 to 60.</param>
/// <param name="PostRoll">Seconds that are recorded after it, 0 to 600.</param>
/// <param name="Format">Of the recorded files: fmp4 or mkv. Takes effect with the next segment; an encrypted pool has fmp4.</param>
/// <param name="SegmentBytes">Target size of a file, 1 MiB to 64 GiB: it is cut at the first keyframe after SegmentSeconds or this, whichever comes first. Null: only time counts.</param>
/// <param name="FillGaps">Fetch what is lost while the camera is away from the camera itself, once it is back: it has to record on its own and to speak ONVIF Profile G. Off when absent.</param>
/// <param name="OnvifPort">Of the device's web server, for FillGaps: 80 when absent.</param>
internal sealed record RecordingRequest(
    string? Mode = null,
    IReadOnlyList<ScheduleEntry>? Schedule = null,
    string? TimeZone = null,
    string? Stream = null,
    string? Format = null,
    int? SegmentSeconds = null,
    int? PreRoll = null,
    int? PostRoll = null,
    RetentionRequest? Retention = null,
    long? SegmentBytes = null,
    bool? FillGaps = null,
    int? OnvifPort = null);

/// <summary>A weekly span in which another mode applies.</summary>
/// <param name="Days">On which it begins: mon tue wed thu fri sat sun.</param>
/// <param name="From">HH:mm.</param>
/// <param name="To">HH:mm, up to 24:00; not behind From: on the day after.</param>
/// <param name="Mode">continuous, motion, event or off.</param>
internal sealed record ScheduleEntry(IReadOnlyList<string>? Days, string? From, string? To, string? Mode);

/// <param name="MaxAgeDays">What is older is deleted.</param>
/// <param name="MaxBytes">The oldest is deleted when there is more.</param>
/// <param name="MinAgeDays">What is younger goes only when the disk has no other room, and not without an alarm.</param>
/// <param name="BookmarkDays">How long bookmarked footage is kept at least; 90 when absent.</param>
internal sealed record RetentionRequest(double? MaxAgeDays = null, long? MaxBytes = null, double? MinAgeDays = null, double? BookmarkDays = null);
