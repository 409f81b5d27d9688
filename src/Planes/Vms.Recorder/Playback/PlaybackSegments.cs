using Vms.Containers;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>A segment, and the part of the wall clock that it answers for.</summary>
internal readonly record struct PlannedSegment(SegmentRow Segment, DateTimeOffset From, DateTimeOffset To);

/// <summary>
/// Which of a camera's recordings answer a request: the stream that it names, or, when it names none, the main stream and the small one where nothing of the main
/// one was recorded. Whoever plays a range does not notice that the camera was set to record another stream in the middle of it. Any thread.
/// </summary>
internal sealed class PlaybackSegments(ArchiveIndex index, ArchiveLayout layout)
{
    private const string Main = PlaybackRequest.DefaultStream;
    public const string Small = "sub";

    /// <summary>A smaller hole of the main stream is not filled: changing the picture twice disturbs more than it shows.</summary>
    public static readonly TimeSpan ShortestHole = TimeSpan.FromSeconds(2);

    /// <summary>The streams of a camera to look in, the better one first.</summary>
    /// <param name="asked">Null when the request names none.</param>
    public IReadOnlyList<string> StreamsOf(string cameraId, string? asked) =>
        asked is not null ? [asked] : layout.IsRecorded(cameraId, Small) ? [Main, Small] : [Main];

    /// <summary>Is it of a stream that answers only where the better one has a hole?</summary>
    public static bool StandsIn(SegmentRow segment, PlaybackRequest request) => request.Stream is null && segment.Stream != Main;

    /// <summary>In the order in which they are played, each with its fragment table.</summary>
    /// <exception cref="IndexUnavailableException">As for segments.</exception>
    public async ValueTask<IReadOnlyList<PlannedSegment>> FindAsync(PlaybackRequest request, CancellationToken cancellationToken)
    {
        var (cameraId, asked, from, to) = request;
        var streams = StreamsOf(cameraId, asked);
        var first = await index.FindAsync(cameraId, streams[0], from, to, cancellationToken);
        if (streams.Count == 1) return [.. first.Select(s => new PlannedSegment(s, from, to))];
        return Fill(first, await index.FindAsync(cameraId, streams[1], from, to, cancellationToken), from, to);
    }

    /// <summary>The segments of one stream, and those of another where the first has holes.</summary>
    /// <param name="better">In recording order.</param>
    /// <param name="other">In recording order.</param>
    internal static IReadOnlyList<PlannedSegment> Fill(
        IReadOnlyList<SegmentRow> better, IReadOnlyList<SegmentRow> other, DateTimeOffset from, DateTimeOffset to)
    {
        var planned = better.Select(s => new PlannedSegment(s, from, to)).ToList();
        foreach (var (start, end) in Holes(better, from, to))
        {
            // Behind everything that was recorded before the hole: after a clock was set back there may be more than one such place.
            int place = planned.FindIndex(p => p.Segment.From >= end - ShortestHole && p.Segment.Stream == Main);
            planned.InsertRange(
                place < 0 ? planned.Count : place,
                other.Where(s => s.From < end && s.To > start).Select(s => new PlannedSegment(s, start, end)));
        }

        return planned;
    }

    /// <summary>Where nothing stands in any segment, in order of time.</summary>
    private static IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Holes(IReadOnlyList<SegmentRow> segments, DateTimeOffset from, DateTimeOffset to)
    {
        var reached = from;
        foreach (var (start, end) in segments.Select(Extent).Order())
        {
            if (start - reached > ShortestHole) yield return (reached, start < to ? start : to);
            if (end > reached) reached = end;
        }

        if (to - reached > ShortestHole) yield return (reached, to);
    }

    /// <summary>What is left of it: a damaged segment may have lost its beginning or its end.</summary>
    private static (DateTimeOffset From, DateTimeOffset To) Extent(SegmentRow segment) =>
        GopTable.TryDecode(segment.Gops.Span, out var table) && table is [var first, .., var last]
            ? (UnixTime.FromMicroseconds(first.CaptureTimeUs), UnixTime.FromMicroseconds(PlaybackPlan.EndUs(last)))
            : (segment.From, segment.To);
}
