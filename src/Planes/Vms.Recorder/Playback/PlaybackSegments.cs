using Vms.Containers;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>A segment, and the part of the wall clock that it answers for.</summary>
internal readonly record struct PlannedSegment(SegmentRow Segment, DateTimeOffset From, DateTimeOffset To);

/// <summary>
/// Which of a camera's recordings answer a request: the stream that it names, or, when it names none, the main stream; where nothing of it was recorded, what was fetched
/// from the device; and the small one where there is neither. Whoever plays a range does not notice that the camera was set to record another stream in the middle of it. Any thread.
/// </summary>
internal sealed class PlaybackSegments(ArchiveIndex index, ArchiveLayout layout)
{
    private const string Main = PlaybackRequest.DefaultStream;
    public const string Small = "sub";

    /// <summary>What the device had recorded itself and was fetched from there (<c>Vms.Recorder/Import</c>).</summary>
    public const string Device = "device";

    /// <summary>Those that a camera may have recordings of, at one time or another.</summary>
    public static IReadOnlyList<string> Streams { get; } = [Main, Device, Small];

    /// <summary>A smaller hole of the main stream is not filled: changing the picture twice disturbs more than it shows.</summary>
    public static readonly TimeSpan ShortestHole = TimeSpan.FromSeconds(2);

    /// <summary>The streams of a camera to look in, the better one first.</summary>
    /// <param name="asked">Null when the request names none.</param>
    public IReadOnlyList<string> StreamsOf(string cameraId, string? asked) =>
        asked is not null ? [asked] : [Main, .. new[] { Device, Small }.Where(stream => layout.IsRecorded(cameraId, stream))];

    /// <summary>Is it of a stream that answers only where the better one has a hole?</summary>
    public static bool StandsIn(SegmentRow segment, PlaybackRequest request) => request.Stream is null && segment.Stream != Main;

    /// <summary>In the order in which they are played, each with its fragment table.</summary>
    /// <exception cref="IndexUnavailableException">As for segments.</exception>
    public async ValueTask<IReadOnlyList<PlannedSegment>> FindAsync(PlaybackRequest request, CancellationToken cancellationToken)
    {
        var (cameraId, asked, from, to) = request;
        var streams = StreamsOf(cameraId, asked);
        var found = await index.FindAsync(cameraId, streams[0], from, to, cancellationToken);
        IReadOnlyList<PlannedSegment> planned = streams[0] == Device ? InTime(found, from, to) : [.. found.Select(s => new PlannedSegment(s, from, to))];
        foreach (string stream in streams.Skip(1))
        {
            var other = await index.FindAsync(cameraId, stream, from, to, cancellationToken);
            planned = Fill(planned, stream == Device ? InTime(other, from, to) : [.. other.Select(s => new PlannedSegment(s, from, to))], from, to);
        }

        return planned;
    }

    /// <summary>The segments of one stream, and those of another where the first has holes.</summary>
    /// <param name="better">In recording order.</param>
    /// <param name="other">In recording order.</param>
    internal static IReadOnlyList<PlannedSegment> Fill(
        IReadOnlyList<SegmentRow> better, IReadOnlyList<SegmentRow> other, DateTimeOffset from, DateTimeOffset to) =>
        Fill([.. better.Select(s => new PlannedSegment(s, from, to))], [.. other.Select(s => new PlannedSegment(s, from, to))], from, to);

    private static List<PlannedSegment> Fill(
        IReadOnlyList<PlannedSegment> better, IReadOnlyList<PlannedSegment> other, DateTimeOffset from, DateTimeOffset to)
    {
        var planned = better.ToList();
        foreach (var (start, end) in Holes(better, from, to))
        {
            // Behind everything that was recorded before the hole: after a clock was set back there may be more than one such place.
            int place = planned.FindIndex(p => Later(p.Segment.From, p.From) >= end - ShortestHole);
            planned.InsertRange(
                place < 0 ? planned.Count : place,
                from p in other
                let part = new PlannedSegment(p.Segment, Later(p.From, start), Earlier(p.To, end))
                where part.From < part.To && p.Segment.From < part.To && p.Segment.To > part.From
                select part);
        }

        return planned;
    }

    /// <summary>What was fetched is in the order of the fetches, and the next one begins with the keyframe in front of what was missing: by time, and nothing twice.</summary>
    private static List<PlannedSegment> InTime(IReadOnlyList<SegmentRow> fetched, DateTimeOffset from, DateTimeOffset to)
    {
        var planned = new List<PlannedSegment>();
        var reached = from;
        foreach (var segment in fetched.OrderBy(s => s.From))
        {
            if (segment.To <= reached) continue;
            planned.Add(new PlannedSegment(segment, reached, to));
            reached = segment.To;
        }

        return planned;
    }

    /// <summary>Where nothing stands in any segment, in order of time.</summary>
    private static IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Holes(IReadOnlyList<PlannedSegment> segments, DateTimeOffset from, DateTimeOffset to)
    {
        var reached = from;
        foreach (var (start, end) in segments.Select(Extent).Where(e => e.From < e.To).Order())
        {
            if (start - reached > ShortestHole) yield return (reached, start < to ? start : to);
            if (end > reached) reached = end;
        }

        if (to - reached > ShortestHole) yield return (reached, to);
    }

    /// <summary>What is left of it: a damaged segment may have lost its beginning or its end. Of one that stands in, what it stands in for.</summary>
    private static (DateTimeOffset From, DateTimeOffset To) Extent(PlannedSegment planned)
    {
        var segment = planned.Segment;
        var (start, end) = GopTable.TryDecode(segment.Gops.Span, out var table) && table is [var first, .., var last]
            ? (UnixTime.FromMicroseconds(first.CaptureTimeUs), UnixTime.FromMicroseconds(PlaybackPlan.EndUs(last)))
            : (segment.From, segment.To);
        return segment.Stream == Main ? (start, end) : (Later(start, planned.From), Earlier(end, planned.To));
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
