using Vms.Codecs;
using Vms.Containers;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>What was recorded around a piece of a segment: the sound of its edges may stand there, also in another file.</summary>
internal static class SoundAround
{
    private static readonly TimeSpan s_slack = new MediaTime(SoundReader.SlackTicks, FragmentEntry.TicksPerSecond).ToTimeSpan();

    /// <summary>The runs of a plan with what stands beside them in the first file and in the last; none when no sound has to be expanded.</summary>
    public static IReadOnlyList<PlannedRun> Of(PlaybackPlan plan)
    {
        if (!plan.Runs.Any(run => run.Segment.Tracks.Any(ExpandedTrack.Is))) return [];
        var runs = plan.Runs.ToArray();
        runs[0] = Widened(runs[0], before: true);
        runs[^1] = Widened(runs[^1], before: false);
        return runs;
    }

    private static PlannedRun Widened(PlannedRun run, bool before)
    {
        if (!GopTable.TryDecode(run.Segment.Gops.Span, out var table)) return run;
        int first = run.FirstIndex;
        int end = first + run.Fragments.Length;
        if (before)
        {
            while (first > 0 && table[first - 1].EndTicks > run.First.StartTicks - SoundReader.SlackTicks) first--;
        }
        else
        {
            while (end < table.Length && table[end].StartTicks < run.Last.EndTicks + SoundReader.SlackTicks) end++;
        }

        return run with { Fragments = table.AsMemory(first..end), FirstIndex = first };
    }

    /// <param name="table">Of the segment.</param>
    /// <param name="shiftTicks">Time of the body = media time of the segment + this.</param>
    /// <returns>Runs on the body's timeline; none when the segment has no sound that has to be expanded.</returns>
    /// <exception cref="IndexUnavailableException">As for segments.</exception>
    public static async ValueTask<IReadOnlyList<PlannedRun>> FindAsync(
        ArchiveIndex index, SegmentRow segment, FragmentEntry[] table, int first, int last, long shiftTicks, CancellationToken cancellationToken)
    {
        if (!segment.Tracks.Any(ExpandedTrack.Is)) return [];

        var from = UnixTime.FromMicroseconds(table[first].CaptureTimeUs) - s_slack;
        var to = UnixTime.FromMicroseconds(PlaybackPlan.EndUs(table[last])) + s_slack;
        var segments = await index.FindAsync(segment.CameraId, segment.Stream, from, to, cancellationToken);
        var runs = PlaybackPlan.Create(segments, from, to)?.Runs ?? [];
        var own = runs.FirstOrDefault(run => run.Segment.Id == segment.Id && first >= run.FirstIndex && first < run.FirstIndex + run.Fragments.Length);
        // A clock that was set back leads elsewhere: then the piece has the sound that stands in it.
        return own is null
            ? [new PlannedRun(segment, table.AsMemory(first..(last + 1)), first, shiftTicks, PlaybackPlan.EndUs(table[last]), Continues: false)]
            : [.. runs.Select(run => run with { ShiftTicks = run.ShiftTicks + shiftTicks - own.ShiftTicks })];
    }
}
