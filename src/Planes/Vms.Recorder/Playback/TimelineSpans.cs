using Vms.Codecs;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>Makes few stretches of many: recordings that follow each other, and, where the timeline is too long to tell them apart, gaps that lie
/// close together. One walk over either.</summary>
internal static class TimelineSpans
{
    // Capture times are estimates: a smaller hole between two segments is none, unless the ledger knows a cause for it.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMilliseconds(500);

    /// <summary>A gap, or several that lie close together: then <paramref name="Lost"/> is less than its length, and the cause is the one that
    /// took the most time.</summary>
    public readonly record struct GapSpan(DateTimeOffset From, DateTimeOffset To, GapCause Cause, TimeSpan Lost);

    /// <summary>What is recorded of a better stream, and of another where the better one is not; and what is missing of both.</summary>
    public static (IReadOnlyList<RecordedSpan> Spans, IReadOnlyList<GapRow> Gaps) Fill(
        (IReadOnlyList<RecordedSpan> Spans, IReadOnlyList<GapRow> Gaps) better, (IReadOnlyList<RecordedSpan> Spans, IReadOnlyList<GapRow> Gaps) other)
    {
        if (better.Spans.Count == 0 && better.Gaps.Count == 0) return other;
        if (other.Spans.Count == 0) return better;
        var seen = Playable(better.Spans, better.Gaps).ToList();
        var fill = Without(Playable(other.Spans, other.Gaps).Select(s => (s, s.From, s.To)), [.. seen.Select(s => (s.From, s.To))])
            .Where(s => s.To - s.From > PlaybackSegments.ShortestHole).Select(s => s.Item with { From = s.From, To = s.To }).ToList();
        return (
            [.. seen.Concat(fill).OrderBy(s => s.From)],
            [.. Without(better.Gaps.Select(g => (g, g.From, g.To)), [.. fill.Select(s => (s.From, s.To))]).Select(g => g.Item with { From = g.From, To = g.To })]);
    }

    /// <summary>What of the gaps was filled afterwards from the device, with the cause it had.</summary>
    /// <param name="gaps">Of the stream that was to be recorded, in order of time.</param>
    /// <param name="spans">In order of time.</param>
    public static List<GapSpan> Filled(IReadOnlyList<GapRow> gaps, IReadOnlyList<RecordedSpan> spans, DateTimeOffset from, DateTimeOffset to)
    {
        var filled = new List<GapSpan>();
        int next = 0;
        foreach (var gap in gaps)
        {
            while (next < spans.Count && spans[next].To <= gap.From) next++;
            for (int i = next; i < spans.Count && spans[i].From < gap.To; i++)
            {
                var (start, end) = (Max(Max(spans[i].From, gap.From), from), Min(Min(spans[i].To, gap.To), to));
                if (!spans[i].FromDevice || end <= start) continue;
                if (filled.Count > 0 && filled[^1].To >= start && filled[^1].Cause == gap.Cause) filled[^1] = filled[^1] with { To = Max(end, filled[^1].To) };
                else filled.Add(new GapSpan(start, end, gap.Cause, end - start));
            }
        }

        return filled;
    }

    /// <summary>What is left of stretches without others. One walk.</summary>
    /// <param name="stretches">In order of time.</param>
    /// <param name="others">In order of time; they may overlap.</param>
    private static IEnumerable<(T Item, DateTimeOffset From, DateTimeOffset To)> Without<T>(
        IEnumerable<(T Item, DateTimeOffset From, DateTimeOffset To)> stretches, List<(DateTimeOffset From, DateTimeOffset To)> others)
    {
        int next = 0;
        foreach (var (item, start, end) in stretches)
        {
            while (next < others.Count && others[next].To <= start) next++;
            var from = start;
            for (int i = next; i < others.Count && others[i].From < end; i++)
            {
                if (others[i].From > from) yield return (item, from, others[i].From);
                from = Max(from, others[i].To);
            }

            if (end > from) yield return (item, from, end);
        }
    }

    /// <summary>Recordings of the same class that follow each other as one, cut to the range.</summary>
    /// <param name="spans">In order of time.</param>
    /// <param name="gaps">In order of time.</param>
    /// <param name="resolution">Holes up to this long are not shown; zero for all there are.</param>
    public static List<RecordedSpan> Join(
        IEnumerable<RecordedSpan> spans, IReadOnlyList<GapRow> gaps, DateTimeOffset from, DateTimeOffset to, TimeSpan resolution)
    {
        var joined = new List<RecordedSpan>();
        var holes = new GapWalk(gaps);
        foreach (var span in Playable(spans, gaps))
        {
            var cut = span with { From = Max(span.From, from), To = Min(span.To, to) };
            if (cut.To <= cut.From)
            {
                continue;
            }

            if (joined.Count > 0 && joined[^1] is var last && last.Class == cut.Class && last.FromDevice == cut.FromDevice && Follows(last, cut, resolution, holes))
            {
                joined[^1] = last with { To = Max(last.To, cut.To) };
            }
            else
            {
                joined.Add(cut);
            }
        }

        return joined;
    }

    /// <summary>Gaps of a kind (lost, or not wanted) that lie closer together than the resolution as one; each by itself when it is zero.</summary>
    /// <param name="gaps">In order of time.</param>
    public static List<GapSpan> Join(IReadOnlyList<GapRow> gaps, DateTimeOffset from, DateTimeOffset to, TimeSpan resolution)
    {
        var joined = new List<GapSpan>();
        var seconds = new double[Enum.GetValues<GapCause>().Length];
        foreach (bool intended in (ReadOnlySpan<bool>)[false, true])
        {
            int first = joined.Count;
            foreach (var gap in gaps.Where(g => g.IsIntended == intended))
            {
                var (start, end) = (Max(gap.From, from), Min(gap.To, to));
                // What is left of one beside what fills it may lie outside of what is asked for.
                if (end <= start) continue;
                if (joined.Count > first && resolution > TimeSpan.Zero && start - joined[^1].To <= resolution)
                {
                    seconds[(int)gap.Cause] += (end - start).TotalSeconds;
                    var last = joined[^1];
                    joined[^1] = last with
                    {
                        To = Max(last.To, end),
                        Cause = (GapCause)Array.IndexOf(seconds, seconds.Max()),
                        Lost = last.Lost + (end - start),
                    };
                }
                else
                {
                    Array.Clear(seconds);
                    seconds[(int)gap.Cause] = (end - start).TotalSeconds;
                    joined.Add(new GapSpan(start, end, gap.Cause, end - start));
                }
            }
        }

        joined.Sort((a, b) => a.From.CompareTo(b.From));
        return joined;
    }

    private static bool Follows(RecordedSpan last, RecordedSpan next, TimeSpan resolution, GapWalk holes)
    {
        var hole = next.From - last.To;
        return hole <= resolution || hole < TimeSpan.Zero || (hole <= s_tolerance && !holes.Any(last.To, next.From));
    }

    /// <summary>Segments without what is damaged in them, in order of time. Damage of another one, from before or after the clock was set back,
    /// takes nothing from it.</summary>
    private static IEnumerable<RecordedSpan> Playable(IEnumerable<RecordedSpan> spans, IReadOnlyList<GapRow> gaps)
    {
        var damaged = gaps.Where(g => g.Cause == GapCause.Damaged).ToList();
        return damaged.Count == 0 ? spans : spans.SelectMany(s => Playable(s, damaged)).OrderBy(s => s.From);
    }

    private static IEnumerable<RecordedSpan> Playable(RecordedSpan span, List<GapRow> damaged)
    {
        var from = span.From;
        foreach (var gap in damaged.Where(g => g.To > span.From && g.From < span.To && SegmentDamage.IsOf(g, span.SegmentId)))
        {
            if (gap.From > from)
            {
                yield return span with { From = from, To = gap.From };
            }

            from = Max(from, gap.To);
        }

        if (span.To > from)
        {
            yield return span with { From = from };
        }
    }

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    /// <summary>Asks for gaps in ranges that only move on.</summary>
    private sealed class GapWalk(IReadOnlyList<GapRow> gaps)
    {
        private int _next;

        public bool Any(DateTimeOffset from, DateTimeOffset to)
        {
            while (_next < gaps.Count && gaps[_next].To <= from)
            {
                _next++;
            }

            for (int i = _next; i < gaps.Count && gaps[i].From < to; i++)
            {
                if (gaps[i].To > from)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
