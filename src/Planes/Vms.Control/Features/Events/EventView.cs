using System.Text.Json;

namespace Vms.Control.Features.Events;

/// <summary>Something that happened, as the API shows it (contracts/enriched-event.schema.json).</summary>
/// <param name="Type">Dotted words: camera.offline, recording.gap, …</param>
/// <param name="CameraName">Null when the camera is gone for good.</param>
/// <param name="Class">What was seen: person, car, truck, dog, …</param>
/// <param name="Confidence">0 to 1, the best of the object.</param>
/// <param name="Box">Left, top, width and height as parts of the picture.</param>
/// <param name="Zone">Name of the zone it happened in.</param>
/// <param name="Line">Name of the line that was crossed.</param>
/// <param name="SnapshotUrl">The still that was taken for it; null: none.</param>
/// <param name="Snapshot">What that still shows; null: none was taken.</param>
/// <param name="CropUrl">The object alone; null: nobody cut it out.</param>
/// <param name="Data">What this type of event adds, as its source wrote it. The way of an object (<c>path</c>) is in the answer for the one event alone.</param>
internal sealed record EventView(
    string Id, string Type, string? CameraId, string? CameraName, string? SiteId, string? SiteName, DateTimeOffset At, DateTimeOffset? EndAt,
    string Source, string? Class, double? Confidence, IReadOnlyList<double>? Box, string? Zone, string? Line, string? Plate, string? SnapshotUrl, EventSnapshot? Snapshot,
    string? CropUrl, JsonElement Data);

/// <summary>Of when and of which stream the still of an event is.</summary>
/// <param name="Stream">main or sub: the small one, where the main stream had no picture of the moment. Null: there was none at all.</param>
/// <param name="CapturedAt">When the camera saw it. After the event where the stream was only connected for it.</param>
/// <param name="Missing">Why there is none, and a picture that says so in its place: noVideo, undecodable or tooOld.</param>
internal sealed record EventSnapshot(string? Stream, DateTimeOffset? CapturedAt, string? Missing);
