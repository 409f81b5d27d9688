using Vms.Control.Features.Events;

namespace Vms.Control.Features.Playback;

/// <summary>What <see cref="GetTimeline"/> answers, for the API document: the recorder writes all but the events, and control passes it on as it is.</summary>
/// <param name="Filled">What was missing and has been fetched from the device, with the cause it had; absent where there is nothing of the kind.</param>
internal sealed record TimelineView(
    IReadOnlyList<RecordedView> Recordings, IReadOnlyList<GapView> Gaps, IReadOnlyList<EventView> Events, IReadOnlyList<GapView>? Filled = null);

/// <summary>A stretch that is recorded.</summary>
/// <param name="Class">Why: continuous motion event manual.</param>
/// <param name="Source"><c>device</c>: the device had recorded it, and it was fetched from there; absent: recorded from the camera's live stream.</param>
internal sealed record RecordedView(DateTimeOffset From, DateTimeOffset To, string Class, string? Source = null);

/// <summary>A stretch that is not.</summary>
/// <param name="Cause">Stable code, as cameraOffline or deleted.</param>
/// <param name="Seconds">How much of it is missing, where several gaps are one; absent where all of it is.</param>
internal sealed record GapView(DateTimeOffset From, DateTimeOffset To, string Cause, double? Seconds = null);
