using System.Globalization;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Cameras;

/// <summary>A camera as the API shows it: what is wanted and what is observed. Never its password.</summary>
/// <param name="GroupIds">The camera groups that it is in itself.</param>
/// <param name="TlsCertificateSha256">64 hexadecimal digits: of the only certificate that is taken from it; null: any.</param>
/// <param name="NvrId">The recorder that it is a channel of; null for a camera of its own.</param>
/// <param name="NvrChannel">As the recorder calls it.</param>
/// <param name="StateReason">Stable code; null when there is nothing to explain.</param>
/// <param name="StateDetail">One sentence for the operator.</param>
internal sealed record CameraView(
    string Id,
    string Name,
    bool Enabled,
    string SiteId,
    IReadOnlyList<string> GroupIds,
    string MainUrl,
    string? SubUrl,
    string? Username,
    bool HasPassword,
    [property: OneOf("auto", "tcp", "udp", "multicast", "http")] string Transport,
    bool OnDemand,
    bool AllowBasicInClear,
    string? TlsCertificateSha256,
    [property: OneOf("online", "connecting", "idle", "offline", "unauthorized", "unsupported", "disabled")] string State,
    string? StateReason,
    string? StateDetail,
    DateTimeOffset? StateSince,
    DateTimeOffset? RetryAt,
    RecordingView Recording,
    AnalyticsView Analytics,
    IReadOnlyList<StreamView> Streams,
    string? NvrId,
    string? NvrChannel,
    long Generation,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt) : IVersioned
{
    string IVersioned.Version => Generation.ToString(CultureInfo.InvariantCulture);

    /// <summary>As the ETag of its answers has it.</summary>
    public static string VersionOf(CameraRow row) => row.Generations.Camera.ToString(CultureInfo.InvariantCulture);

    public static CameraView Of(CameraRow row, CameraState state)
    {
        var settings = row.Settings;
        var recording = settings.Recording;
        return new CameraView(
            row.Id, settings.Name, settings.Enabled, settings.SiteId, row.GroupIds, settings.MainUrl, settings.SubUrl, settings.Username,
            row.PasswordProtected is not null, settings.Transport, settings.OnDemand, settings.AllowBasicInClear, settings.TlsCertificateSha256,
            state.State, state.StateReason, state.StateDetail, state.StateSince, state.RetryAt,
            new RecordingView(
                recording.Mode, state.Recording.State, state.Recording.StateReason, state.Recording.Class, state.Recording.Manual,
                [.. (recording.Schedule ?? []).Select(ScheduleView.Of)], recording.TimeZone, recording.Stream, recording.Format,
                recording.SegmentSeconds, recording.PreRoll, recording.PostRoll, recording.Retention,
                state.Recording.BytesToday, state.Recording.LostSecondsToday, state.Recording.ForecastDays, state.Recording.ReadBack, recording.SegmentBytes,
                recording.FillGaps, recording.OnvifPort),
            AnalyticsView.Of(settings.Analytics, state.AnalysisState),
            state.Streams, row.NvrId, row.NvrChannel, row.Generations.Camera, row.CreatedAt, row.UpdatedAt);
    }
}

/// <param name="StateReason">Waiting: noTrigger (nothing happens), schedule (off at this time), noVideo, streamLogMissing, recorderUnavailable.</param>
/// <param name="Class">Why it is recorded now; null while it is not.</param>
/// <param name="Manual">The recording that somebody started by hand and that goes on.</param>
/// <param name="ForecastDays">So many days are kept at the bitrate of the last day; null while that is not known.</param>
/// <param name="FillGaps">What is lost while the camera is away is fetched from it once it is back.</param>
/// <param name="OnvifPort">Of the device's web server, for FillGaps; null: 80.</param>
/// <param name="ReadBack">What reading a fragment of it back from the disk came to last; null before the first time.</param>
internal sealed record RecordingView(
    [property: OneOf("continuous", "motion", "event", "off")] string Mode,
    [property: OneOf("recording", "waiting", "stopped", "failed", "off")] string State,
    string? StateReason,
    [property: OneOf("continuous", "motion", "event", "manual")] string? Class,
    ManualRecording? Manual, IReadOnlyList<ScheduleView> Schedule, string? TimeZone,
    [property: OneOf("main", "sub", "both")] string Stream,
    [property: OneOf("fmp4", "mkv")] string Format,
    int SegmentSeconds, int PreRoll, int PostRoll, RetentionSettings Retention,
    long BytesToday, double LostSecondsToday, double? ForecastDays, ReadBackView? ReadBack, long? SegmentBytes,
    bool FillGaps, int? OnvifPort);

/// <summary>A weekly span in which another mode applies.</summary>
/// <param name="From">HH:mm.</param>
/// <param name="To">HH:mm, up to 24:00; not behind From: on the day after.</param>
internal sealed record ScheduleView(
    [property: OneOf("mon", "tue", "wed", "thu", "fri", "sat", "sun")] IReadOnlyList<string> Days,
    string From, string To,
    [property: OneOf("continuous", "motion", "event", "off")] string Mode)
{
    /// <param name="entry">Checked when it was entered: nothing of it is absent.</param>
    public static ScheduleView Of(ScheduleEntry entry) => new(entry.Days!, entry.From!, entry.To!, entry.Mode!);
}

/// <summary>One stream as it arrives: measured, not configured. Codec and size are null until the first picture.</summary>
/// <param name="Metadata">It brings an ONVIF metadata track, in which the camera can report motion and other events.</param>
internal sealed record StreamView(
    string Name, string State, string? StateReason, string? Codec, int? Width, int? Height, double? Fps, long? BitrateBps, string? AudioCodec,
    bool Metadata);

/// <summary>The observed part of a camera, as <c>camera.state</c> messages carry it.</summary>
internal sealed record CameraState(
    string State, string? StateReason, string? StateDetail, DateTimeOffset? StateSince, DateTimeOffset? RetryAt,
    RecordingState Recording, string AnalysisState, IReadOnlyList<StreamView> Streams);

internal sealed record RecordingState(
    string State, string? StateReason, string? Class, ManualRecording? Manual, long BytesToday, double LostSecondsToday,
    double? ForecastDays, ReadBackView? ReadBack = null);

/// <summary>One fragment of a recording that was read back from the disk, compared with what was recorded, and decoded.</summary>
/// <param name="At">When.</param>
/// <param name="From">Capture time of what was read.</param>
/// <param name="Result">good; notDecoded: it is what was recorded, and there was nothing to decode it with; or what is wrong.</param>
/// <param name="Detail">Why, in words; null when it is good.</param>
internal sealed record ReadBackView(DateTimeOffset At, DateTimeOffset From,
    [property: OneOf("good", "notDecoded", "gone", "unreadable", "altered", "undecodable")] string Result,
    string? Detail);

/// <summary>A recording started by hand.</summary>
/// <param name="By">The user's name.</param>
internal sealed record ManualRecording(DateTimeOffset Until, string Reason, string By);
