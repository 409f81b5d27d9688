using System.Text.Json.Serialization;
using Vms.Control.Features.Alarms;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Discovery;
using Vms.Control.Features.Events;
using Vms.Control.Features.Jobs;

namespace Vms.Control.Features.LiveFeed;

/// <summary>What the server says on <c>/api/ws</c>; <see cref="Type"/> stands first.</summary>
internal abstract record FeedMessage([property: JsonPropertyOrder(-1)] string Type);

/// <summary>Sent for every camera when a listener joins, then when something other than a measurement changes.</summary>
internal sealed record CameraStateMessage(
    string CameraId, string State, string? StateReason, string? StateDetail, DateTimeOffset? StateSince, DateTimeOffset? RetryAt,
    RecordingState Recording, string AnalysisState, IReadOnlyList<StreamView> Streams) : FeedMessage("camera.state")
{
    public static CameraStateMessage Of(string cameraId, CameraState state) => new(
        cameraId, state.State, state.StateReason, state.StateDetail, state.StateSince, state.RetryAt, state.Recording, state.AnalysisState, state.Streams);
}

internal sealed record CameraRemovedMessage(string CameraId) : FeedMessage("camera.removed");

/// <summary>Sites, camera groups, or where cameras stand: read <c>GET /api/tree</c> again.</summary>
internal sealed record TreeChangedMessage() : FeedMessage("tree.changed");

/// <summary>It was added, changed or deleted.</summary>
internal sealed record LayoutChangedMessage(string LayoutId) : FeedMessage("layout.changed");

/// <summary>A job began, went on, or is over.</summary>
internal sealed record JobMessage(JobView Job) : FeedMessage("job");

/// <summary>A scan for devices is over; its name is fixed by the API's contract.</summary>
internal sealed record DiscoveryCompleteMessage(string ScanId, IReadOnlyList<DiscoveredView> Devices) : FeedMessage("DiscoveryComplete");

internal sealed record EventMessage(EventView Event) : FeedMessage("event");

/// <summary>An alarm was raised or changed.</summary>
internal sealed record AlarmMessage(AlarmView Alarm) : FeedMessage("alarm");

/// <summary>A rule wants to be heard.</summary>
/// <param name="Sound">chime, beep or siren.</param>
/// <param name="At">Of the event: programs may report under one id for ever.</param>
internal sealed record SoundMessage(string Sound, string RuleId, string RuleName, string EventId, DateTimeOffset At, string? CameraId) : FeedMessage("sound");

/// <summary>To one user alone: to be shown as the desktop shows such things. The same id again replaces what was shown.</summary>
/// <param name="Url">A path of the web client; null: nowhere in particular.</param>
internal sealed record NotificationMessage(
    string Id, DateTimeOffset At, string Title, string Text, string? EventType, string? CameraId, string? Url) : FeedMessage("notification");

internal sealed record StreamOfferMessage(string? RequestId, string SessionId, string Sdp) : FeedMessage("stream.offer");

/// <summary>A message of the client could not be served; the connection goes on.</summary>
internal sealed record ErrorMessage(string? RequestId, string? SessionId, string Code, string Message) : FeedMessage("error");
