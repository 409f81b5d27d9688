namespace Vms.Recorder.Retention;

/// <summary>How much of a range is recorded in one stream, and how much of it was deleted.</summary>
/// <param name="Deleted">An estimate: a tombstone knows where its segment began; it is taken to have lasted until the next one begins.</param>
internal readonly record struct RangeCoverage(TimeSpan Recorded, TimeSpan Deleted)
{
    /// <summary>The longest that can be set for a camera; a segment that was deleted is taken to have been no longer.</summary>
    public static readonly TimeSpan LongestSegment = TimeSpan.FromHours(1);

    /// <param name="segments">In any order, from <see cref="LongestSegment"/> before the range on.</param>
    /// <param name="deleted">Where deleted segments began, also from there on.</param>
    public static RangeCoverage Of(
        DateTimeOffset from, DateTimeOffset to, IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> segments, IReadOnlyList<DateTimeOffset> deleted)
    {
        // A clock that was set back records some minutes twice.
        var recorded = Min(to - from, Sum(segments.Select(s => Overlap(from, to, s.From, s.To))));
        var starts = segments.Select(s => s.From).Concat(deleted).Order().ToList();
        var gone = Sum(deleted.Select(start => Overlap(from, to, start, EndOf(start, starts))));
        return new RangeCoverage(recorded, Min(to - from - recorded, gone));
    }

    private static DateTimeOffset EndOf(DateTimeOffset start, List<DateTimeOffset> starts)
    {
        var longest = start + LongestSegment;
        int next = starts.BinarySearch(start);
        next = next < 0 ? ~next : next;
        while (next < starts.Count && starts[next] == start)
        {
            next++;
        }

        return next < starts.Count && starts[next] < longest ? starts[next] : longest;
    }

    private static TimeSpan Overlap(DateTimeOffset from, DateTimeOffset to, DateTimeOffset start, DateTimeOffset end)
    {
        var overlap = (end < to ? end : to) - (start > from ? start : from);
        return overlap > TimeSpan.Zero ? overlap : TimeSpan.Zero;
    }

    private static TimeSpan Sum(IEnumerable<TimeSpan> spans) => spans.Aggregate(TimeSpan.Zero, (sum, span) => sum + span);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
