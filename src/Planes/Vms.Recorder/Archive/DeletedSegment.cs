namespace Vms.Recorder.Archive;

/// <summary>A segment that Retention removed, and why. Outlives the row as a tombstone.</summary>
/// <param name="Rule">The rule behind the reason, with its numbers; empty where nobody decided, and in journals from before it was noted.</param>
/// <param name="By">A user's name, or retention for its own rules; empty as the rule may be.</param>
internal sealed record DeletedSegment(
    Guid Id, string CameraId, string Stream, DateTimeOffset From, string Path, long Bytes, string Reason, DateTimeOffset At, int Version,
    string Rule = "", string By = "");
