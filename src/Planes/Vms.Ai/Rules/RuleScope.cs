using Vms.Ai.Tracking;
using Vms.Contracts.Ai;

namespace Vms.Ai.Rules;

/// <summary>Of which objects, when and where the camera looks a zone or line counts. Immutable.</summary>
internal sealed class RuleScope(IReadOnlyCollection<string> classes, double minConfidence, IReadOnlyCollection<string> presets, ActiveTimes? times)
{
    private readonly WeekSchedule _schedule = new(times);

    internal double MinConfidence => minConfidence;

    /// <param name="preset">Where the camera stands; null when it stands at none, or nobody knows.</param>
    internal bool IsActive(long nowUs, string? preset) =>
        (presets.Count == 0 || (preset is not null && presets.Contains(preset))) && _schedule.IsActive(nowUs);

    internal bool IsFor(ObjectTrack track) =>
        track.State is TrackState.Followed or TrackState.Lost && track.BestScore >= minConfidence && (classes.Count == 0 || ObjectKind.IsWanted(track.Class, classes));
}
