using System.Text.Json;

namespace Vms.Control.Features.Events;

/// <summary>Something that happened, as the API shows it.</summary>
/// <param name="Type">Dotted words: camera.offline, recording.gap, …</param>
/// <param name="CameraName">Null when the camera is gone for good.</param>
/// <param name="Data">What this type of event adds, as its source wrote it.</param>
internal sealed record EventView(
    string Id, string Type, string? CameraId, string? CameraName, string? SiteId, string? SiteName, DateTimeOffset At, DateTimeOffset? EndAt,
    string Source, JsonElement Data);
