using Vms.Control.Features.Events;

namespace Vms.Control.Features.Playback;

/// <summary>What <see cref="GetTimeline"/> answers, for the API document: the recorder writes all but the events, and control passes it on as it is.</summary>
internal sealed record TimelineView(IReadOnlyList<RecordedView> Recordings, IReadOnlyList<GapView> Gaps, IReadOnlyList<EventView> Events);

/// <summary>A stretch that is recorded.</summary>
/// <param name="Class">Why: continuous motion event manual.</param>
internal sealed record RecordedView(DateTimeOffset From, DateTimeOffset To, string Class);

/// <summary>A stretch that is not.</summary>
/// <param name="Cause">Stable code, as cameraOffline or deleted.</param>
/// <param name="Seconds">How much of it is missing, where several gaps are one; absent where all of it is.</param>
internal sealed record GapView(DateTimeOffset From, DateTimeOffset To, string Cause, double? Seconds = null);
