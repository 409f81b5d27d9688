namespace Vms.Recorder.Archive;

/// <summary>A segment that Retention removed, and why. Outlives the row as a tombstone.</summary>
internal sealed record DeletedSegment(
    Guid Id, string CameraId, string Stream, DateTimeOffset From, string Path, long Bytes, string Reason, DateTimeOffset At, int Version);
