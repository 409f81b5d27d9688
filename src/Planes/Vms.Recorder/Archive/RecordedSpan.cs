namespace Vms.Recorder.Archive;

/// <summary>A stretch of time that is recorded: enough for a timeline.</summary>
/// <param name="SegmentId">Default for several segments that follow each other.</param>
internal readonly record struct RecordedSpan(Guid SegmentId, DateTimeOffset From, DateTimeOffset To, RecordingClass Class)
{
    /// <summary>The device had recorded it, and it was fetched from there.</summary>
    public bool FromDevice { get; init; }

    public static RecordedSpan Of(SegmentRow segment) => new(segment.Id, segment.From, segment.To, segment.Class);
}
