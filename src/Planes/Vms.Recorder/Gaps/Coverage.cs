using Vms.Containers;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Gaps;

/// <summary>Lays what is in the files and what is on the books over a range of wall time. Pure.</summary>
internal static class Coverage
{
    /// <summary>A picture that stands still for less than this, or for some of its usual intervals, is no hole: as when it is recorded.</summary>
    private const long PauseUs = 2_000_000;
    private const int PauseIntervals = 4;

    /// <summary>No camera that is watched sends fewer pictures than one in this time: where little is known, an hour is not taken for an interval.</summary>
    private const long LongestIntervalUs = 60_000_000;

    /// <summary>A stretch of wall time, µs since 1970 UTC.</summary>
    /// <param name="Samples">Recorded in it; 0 for what is on the books.</param>
    public readonly record struct Stretch(long FromUs, long ToUs, int Samples = 0);

    /// <summary>What is neither recorded nor on the books, in order of time.</summary>
    /// <param name="segments">With their fragment tables, in any order; they may overlap, as after a clock was set back.</param>
    /// <param name="gaps">In any order.</param>
    /// <param name="reached">Where what is known ends, at most <paramref name="to"/>; <paramref name="from"/> when nothing is known. Whoever looks again begins there.</param>
    /// <returns>Only what lies between two stretches that are known: before the first and behind the last one nothing is said.</returns>
    public static List<Stretch> Missing(
        IEnumerable<SegmentRow> segments, IEnumerable<GapRow> gaps, DateTimeOffset from, DateTimeOffset to, out DateTimeOffset reached)
    {
        var (fromUs, toUs) = (UnixTime.ToMicroseconds(from), UnixTime.ToMicroseconds(to));
        List<Stretch> known =
        [
            .. segments.SelectMany(Recorded).Concat(gaps.Select(g => new Stretch(UnixTime.ToMicroseconds(g.From), UnixTime.ToMicroseconds(g.To))))
                .Where(s => s.ToUs >= fromUs && s.FromUs < toUs).OrderBy(s => s.FromUs),
        ];
        long pauseUs = Math.Max(PauseUs, PauseIntervals * IntervalOf(known));
        var missing = new List<Stretch>();
        Stretch? furthest = null;
        foreach (var next in known)
        {
            if (furthest is { } before && next.FromUs - before.ToUs > pauseUs)
            {
                missing.Add(new Stretch(before.ToUs, next.FromUs));
            }

            if (furthest is not { } last || next.ToUs > last.ToUs)
            {
                furthest = next;
            }
        }

        reached = furthest is { } end ? UnixTime.FromMicroseconds(Math.Clamp(end.ToUs, fromUs, toUs)) : from;
        return missing;
    }

    /// <summary>How far apart pictures usually are: what a lone picture's fragment says of its own length is a guess.</summary>
    /// <param name="known">In order of time.</param>
    private static long IntervalOf(List<Stretch> known)
    {
        var intervals = new List<long>();
        for (int i = 1; i < known.Count; i++)
        {
            if (known[i - 1].Samples > 0 && known[i].Samples > 0)
            {
                intervals.Add((known[i].FromUs - known[i - 1].FromUs) / known[i - 1].Samples);
            }
        }

        intervals.Sort();
        return intervals.Count == 0 ? 0 : Math.Min(LongestIntervalUs, intervals[(intervals.Count - 1) / 2]);
    }

    /// <summary>Fragment by fragment: what a segment's row says from its first to its last picture would hide a hole in between.</summary>
    private static IEnumerable<Stretch> Recorded(SegmentRow segment)
    {
        if (!GopTable.TryDecode(segment.Gops.Span, out var fragments))
        {
            yield return new Stretch(UnixTime.ToMicroseconds(segment.From), UnixTime.ToMicroseconds(segment.To), 1);
            yield break;
        }

        foreach (var fragment in fragments)
        {
            long lastsUs = fragment.DurationTicks * 1_000_000L / FragmentEntry.TicksPerSecond;
            yield return new Stretch(fragment.CaptureTimeUs, fragment.CaptureTimeUs + lastsUs, Math.Max(1, fragment.SampleCount));
        }
    }
}
