using Vms.Containers;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Gaps;

/// <summary>Lays what is in the files and what is on the books over a range of wall time. Pure.</summary>
internal static class Coverage
{
    /// <summary>A picture that stands still for less than this, or for some of its usual intervals, is no hole: as when it is recorded.</summary>
    private const long PauseUs = 2_000_000;
    private const int PauseIntervals = 4;

    /// <summary>A stretch of wall time, µs since 1970 UTC, and how much longer it may be taken to last.</summary>
    /// <param name="PauseUs">Until what follows it begins.</param>
    public readonly record struct Stretch(long FromUs, long ToUs, long PauseUs);

    /// <summary>What is neither recorded nor on the books, in order of time.</summary>
    /// <param name="segments">With their fragment tables, in any order; they may overlap, as after a clock was set back.</param>
    /// <param name="gaps">In any order.</param>
    /// <param name="reached">Where what is known ends, at most <paramref name="to"/>; <paramref name="from"/> when nothing is known. Whoever looks again begins there.</param>
    /// <returns>Only what lies between two stretches that are known: before the first and behind the last one nothing is said.</returns>
    public static List<Stretch> Missing(
        IEnumerable<SegmentRow> segments, IEnumerable<GapRow> gaps, DateTimeOffset from, DateTimeOffset to, out DateTimeOffset reached)
    {
        var (fromUs, toUs) = (UnixTime.ToMicroseconds(from), UnixTime.ToMicroseconds(to));
        var known = segments.SelectMany(Recorded)
            .Concat(gaps.Select(g => new Stretch(UnixTime.ToMicroseconds(g.From), UnixTime.ToMicroseconds(g.To), PauseUs)))
            .Where(s => s.ToUs >= fromUs && s.FromUs < toUs)
            .OrderBy(s => s.FromUs);
        var missing = new List<Stretch>();
        Stretch? furthest = null;
        foreach (var next in known)
        {
            if (furthest is { } before && next.FromUs - before.ToUs > Math.Max(before.PauseUs, next.PauseUs))
            {
                missing.Add(new Stretch(before.ToUs, next.FromUs, 0));
            }

            if (furthest is not { } last || next.ToUs > last.ToUs)
            {
                furthest = next;
            }
        }

        reached = furthest is { } end ? UnixTime.FromMicroseconds(Math.Clamp(end.ToUs, fromUs, toUs)) : from;
        return missing;
    }

    /// <summary>Fragment by fragment: what a segment's row says from its first to its last picture would hide a hole in between.</summary>
    private static IEnumerable<Stretch> Recorded(SegmentRow segment)
    {
        if (!GopTable.TryDecode(segment.Gops.Span, out var fragments))
        {
            yield return new Stretch(UnixTime.ToMicroseconds(segment.From), UnixTime.ToMicroseconds(segment.To), PauseUs);
            yield break;
        }

        foreach (var fragment in fragments)
        {
            long lastsUs = fragment.DurationTicks * 1_000_000L / FragmentEntry.TicksPerSecond;
            long pauseUs = PauseIntervals * lastsUs / Math.Max(1, fragment.SampleCount);
            yield return new Stretch(fragment.CaptureTimeUs, fragment.CaptureTimeUs + lastsUs, Math.Max(PauseUs, pauseUs));
        }
    }
}
