namespace Vms.Control.Features.Cameras;

/// <summary>Body of <c>POST /api/cameras</c>, and what a merge patch is applied to.</summary>
/// <param name="MainUrl">rtsp:// or rtsps://; credentials in it are moved to their fields. push: for a camera that sends to this server.</param>
/// <param name="Transport">auto, tcp, udp, multicast or http.</param>
/// <param name="OnDemand">Connect only while somebody watches or records.</param>
/// <param name="AllowBasicInClear">Send the password to a camera that asks for it with Basic, where everybody on the way can read it.</param>
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
    long? Generation = null);

/// <param name="Mode">continuous, motion, event or off. Until motion is detected, motion and event keep everything: more than asked for, never less.</param>
/// <param name="Format">fmp4.</param>
internal sealed record RecordingRequest(
    string? Mode = null,
    IReadOnlyList<ScheduleEntry>? Schedule = null,
    string? Stream = null,
    string? Format = null,
    int? SegmentSeconds = null,
    int? PreRoll = null,
    int? PostRoll = null,
    RetentionRequest? Retention = null);

/// <summary>A weekly span in which another mode applies.</summary>
internal sealed record ScheduleEntry(IReadOnlyList<string>? Days, string? From, string? To, string? Mode);

/// <param name="MaxAgeDays">What is older is deleted.</param>
/// <param name="MaxBytes">The oldest is deleted when there is more.</param>
/// <param name="MinAgeDays">What is younger goes only when the disk has no other room, and not without an alarm.</param>
/// <param name="BookmarkDays">How long bookmarked footage is kept at least; 90 when absent.</param>
internal sealed record RetentionRequest(double? MaxAgeDays = null, long? MaxBytes = null, double? MinAgeDays = null, double? BookmarkDays = null);

internal sealed record AnalyticsRequest(bool? Enabled = null);
