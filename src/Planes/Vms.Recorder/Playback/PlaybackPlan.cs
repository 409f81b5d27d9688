using Vms.Codecs;
using Vms.Containers;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>A run of neighbouring fragments of one archive file, moved to the plan's timeline. Starts with a keyframe.</summary>
/// <param name="Fragments">In file order, without holes.</param>
/// <param name="FirstIndex">Position of the first of them in the segment's table.</param>
/// <param name="ShiftTicks">Plan time = media time of the segment + this.</param>
/// <param name="EndUs">Wall clock at its end.</param>
/// <param name="Continues">Follows the run before it without a gap and with the same codec parameters.</param>
internal sealed record PlannedRun(
    SegmentRow Segment, ReadOnlyMemory<FragmentEntry> Fragments, int FirstIndex, long ShiftTicks, long EndUs,
    bool Continues)
{
    private const long PieceTicks = 4 * FragmentEntry.TicksPerSecond;

    public FragmentEntry First => Fragments.Span[0];

    public FragmentEntry Last => Fragments.Span[^1];

    public long StartTicks => First.StartTicks + ShiftTicks;

    public long EndTicks => Last.EndTicks + ShiftTicks;

    /// <summary>The first fragment that ends after a time of the plan; their number when none does.</summary>
    public int FirstEndingBehind(long ticks)
    {
        var fragments = Fragments.Span;
        int low = 0, high = fragments.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (fragments[middle].EndTicks + ShiftTicks <= ticks) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>The run in pieces of some seconds: where each begins on the plan's timeline, how long it takes up to the next, its first
    /// fragment and the one behind its last.</summary>
    public IEnumerable<(long StartTicks, long DurationTicks, int First, int End)> Pieces()
    {
        for (int first = 0, end; first < Fragments.Length; first = end)
        {
            end = EndOfPiece(first);
            // What a fragment says of its duration is a guess where there are B-frames.
            long next = end < Fragments.Length ? Fragments.Span[end].StartTicks : Last.EndTicks;
            long start = Fragments.Span[first].StartTicks;
            yield return (start + ShiftTicks, Math.Max(1, next - start), first, end);
        }
    }

    /// <summary>From a keyframe to the first keyframe after <see cref="PieceTicks"/>.</summary>
    public int EndOfPiece(int first)
    {
        var fragments = Fragments.Span;
        int end = first + 1;
        while (end < fragments.Length && !(fragments[end].StartsWithKeyframe && fragments[end].StartTicks - fragments[first].StartTicks >= PieceTicks)) end++;
        return end;
    }

    /// <param name="start">Of the run's fragments.</param>
    /// <param name="end">Behind its last one.</param>
    public PlannedPiece Piece(int start, int end) => new(
        Segment, FirstIndex + start, FirstIndex + end - 1, Fragments.Span[start].Offset, Fragments.Span[end - 1].EndOffset);
}

/// <summary>Neighbouring fragments that are sent together.</summary>
/// <param name="First">Place of the first of them in the segment's table.</param>
/// <param name="Last">Of the last one.</param>
/// <param name="Offset">Where they begin in the file.</param>
/// <param name="EndOffset">Where they end.</param>
internal readonly record struct PlannedPiece(SegmentRow Segment, int First, int Last, long Offset, long EndOffset);

/// <summary>
/// What to play for a range of wall clock: whole fragments from the last keyframe at or before its start, on one timeline of 90 kHz.
/// Gaps are as long as the wall clock says; inside a run the camera's own clock rules.
/// </summary>
/// <param name="ShownFromTicks">Where on the timeline the asked range begins.</param>
/// <param name="ShownToTicks">Where it ends, or the recording does.</param>
internal sealed record PlaybackPlan(IReadOnlyList<PlannedRun> Runs, long ShownFromTicks, long ShownToTicks)
{
    /// <summary>No camera's B-frames need more room; a table that says so has lost its beginning.</summary>
    private const long MaxLeadTicks = 2 * FragmentEntry.TicksPerSecond;

    /// <summary>Sound in a keyframe's fragment may come from before that keyframe.</summary>
    private const long SoundLeadTicks = FragmentEntry.TicksPerSecond / 2;

    /// <summary>Capture times are estimates; a smaller hole between two segments is none.</summary>
    private const long ToleranceUs = 500_000;

    /// <summary>Time of the first picture: 0, or as much later as the decode times of B-frames lie before it.</summary>
    public long StartTicks => Runs[0].StartTicks;

    /// <summary>What the wall clock says of the timeline's 0, as its first picture has it; UTC microseconds since 1970.</summary>
    public long ZeroUs => Runs[0].First.CaptureTimeUs - new MediaTime(StartTicks, FragmentEntry.TicksPerSecond).ToMicroseconds();

    /// <summary>Wall clock of <see cref="ShownFromTicks"/>.</summary>
    public DateTimeOffset ShownFrom { get; private init; }

    /// <summary>Of one stream; null when nothing in the range can be played.</summary>
    /// <param name="segments">In recording order, with their tables.</param>
    public static PlaybackPlan? Create(IReadOnlyList<SegmentRow> segments, DateTimeOffset from, DateTimeOffset to) =>
        Create([.. segments.Select(s => new PlannedSegment(s, from, to))], from, to);

    /// <summary>Null when nothing in the range can be played.</summary>
    /// <param name="segments">In the order in which they are played, with their tables.</param>
    public static PlaybackPlan? Create(IReadOnlyList<PlannedSegment> segments, DateTimeOffset from, DateTimeOffset to)
    {
        long fromUs = UnixTime.ToMicroseconds(from);
        long toUs = UnixTime.ToMicroseconds(to);
        var tables = new List<(PlannedSegment Planned, FragmentEntry[] Fragments)>();
        long lead = 0;
        foreach (var planned in segments)
        {
            var segment = planned.Segment;
            if (!GopTable.TryDecode(segment.Gops.Span, out var table) || table.Length == 0) continue;
            tables.Add((planned, table));
            // A segment's first picture comes as much after its media time 0 as decoding needs.
            lead = Math.Max(lead, Math.Min(table[0].StartTicks, MaxLeadTicks));
            if (segment.Tracks.Count > 1) lead = Math.Max(lead, SoundLeadTicks);
        }

        var runs = new List<PlannedRun>();
        foreach (var (planned, table) in tables)
        {
            var (wantedFromUs, wantedToUs) = (UnixTime.ToMicroseconds(planned.From), UnixTime.ToMicroseconds(planned.To));
            for (int start = 0, end; start < table.Length; start = end)
            {
                end = EndOfRun(table, start);
                if (Wanted(table, start, end, wantedFromUs, wantedToUs) is { IsEmpty: false } wanted)
                {
                    runs.Add(Place(planned.Segment, table, wanted, lead, runs.Count > 0 ? runs[^1] : null));
                }
            }
        }

        if (runs.Count == 0) return null;

        long shownFrom = PlanTime(runs[0], fromUs);
        long shownTo = Math.Max(shownFrom + 1, PlanTime(runs[^1], toUs));
        return new PlaybackPlan(runs, shownFrom, shownTo)
        {
            ShownFrom = UnixTime.FromMicroseconds(Math.Max(fromUs, runs[0].First.CaptureTimeUs)),
        };
    }

    /// <summary>Wall clock at which a fragment ends, by its own duration.</summary>
    public static long EndUs(in FragmentEntry fragment) =>
        fragment.CaptureTimeUs + new MediaTime(fragment.DurationTicks, FragmentEntry.TicksPerSecond).ToMicroseconds();

    // A damaged place leaves a hole in the file; what follows decodes from its next keyframe.
    private static int EndOfRun(FragmentEntry[] table, int start)
    {
        int end = start + 1;
        while (end < table.Length && table[end].Offset == table[end - 1].EndOffset) end++;
        return end;
    }

    private static ReadOnlyMemory<FragmentEntry> Wanted(FragmentEntry[] table, int start, int end, long fromUs, long toUs)
    {
        int first = -1;
        for (int i = start; i < end && (first < 0 || table[i].CaptureTimeUs <= fromUs); i++)
        {
            if (table[i].StartsWithKeyframe) first = i;
        }

        if (first < 0 || EndUs(table[end - 1]) <= fromUs) return default;
        int last = end;
        while (last > first && table[last - 1].CaptureTimeUs >= toUs) last--;
        return table.AsMemory(first, last - first);
    }

    private static PlannedRun Place(
        SegmentRow segment, FragmentEntry[] table, ReadOnlyMemory<FragmentEntry> wanted, long lead, PlannedRun? before)
    {
        var first = wanted.Span[0];
        int firstIndex = Array.FindIndex(table, f => f.Offset == first.Offset);
        // A camera that counts its timestamps at another rate than it delivers pictures: the wall clock says when a segment ended.
        long endUs = EndUs(wanted.Span[^1]);
        if (firstIndex + wanted.Length == table.Length) endUs = Math.Max(endUs, UnixTime.ToMicroseconds(segment.To));
        if (before is null) return new PlannedRun(segment, wanted, firstIndex, lead - first.StartTicks, endUs, Continues: false);

        long gapUs = first.CaptureTimeUs - before.EndUs;
        long gapTicks = gapUs > ToleranceUs ? MediaTime.FromMicroseconds(gapUs, FragmentEntry.TicksPerSecond).Ticks : 0;
        bool continues = Math.Abs(gapUs) <= ToleranceUs && segment.Tracks.SequenceEqual(before.Segment.Tracks);
        return new PlannedRun(segment, wanted, firstIndex, before.EndTicks + gapTicks - first.StartTicks, endUs, continues);
    }

    private static long PlanTime(PlannedRun run, long wallUs)
    {
        var fragments = run.Fragments.Span;
        int i = fragments.Length - 1;
        while (i > 0 && fragments[i].CaptureTimeUs > wallUs) i--;
        long into = MediaTime.FromMicroseconds(Math.Max(0, wallUs - fragments[i].CaptureTimeUs), FragmentEntry.TicksPerSecond).Ticks;
        return run.ShiftTicks + fragments[i].StartTicks + Math.Min(into, fragments[i].DurationTicks);
    }
}
