using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Exports;

/// <summary>One file of an export: runs that follow each other without a gap, in one set of codec parameters, linked by the chain.</summary>
/// <param name="ShownFromTicks">On the plan's timeline, as the runs' shifts are.</param>
/// <param name="From">Wall clock of it.</param>
internal sealed record PlannedFile(
    IReadOnlyList<PlannedRun> Runs, long ShownFromTicks, long ShownToTicks, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>What is copied: of each run the segment's init segment, and its fragments.</summary>
    public long MediaBytes => Runs.Sum(BytesOf);

    public int LargestFragment
    {
        get
        {
            int largest = 0;
            foreach (var run in Runs)
            {
                foreach (ref readonly var fragment in run.Fragments.Span) largest = Math.Max(largest, fragment.Length);
            }

            return largest;
        }
    }

    public static long BytesOf(PlannedRun run) => run.Segment.InitBytes + run.Last.EndOffset - run.First.Offset;
}

/// <summary>How a kind of file shows a range.</summary>
internal enum ExportCut
{
    /// <summary>As it was recorded: whole fragments, of which an edit list shows what was asked for.</summary>
    Recorded,

    /// <summary>Whole fragments, and all of them are shown: Matroska hides nothing.</summary>
    WholeFragments,

    /// <summary>Encoded anew from picture to picture. The time in the pictures is counted from the beginning of the file, and the work on a file is lost with a
    /// restart: both ask for short ones.</summary>
    Encoded,
}

/// <summary>Cuts what is to be exported of one stream into files.</summary>
internal static class ExportPlan
{
    /// <summary>A file's tables are held in memory while it is made: so many pictures are ten hours at 25 a second.</summary>
    private const int MaxSamples = 1_000_000;

    /// <summary>Of files that are encoded anew.</summary>
    private static readonly TimeSpan s_longestEncoded = TimeSpan.FromHours(1);

    /// <summary>How far a camera's clock may go from the wall clock in one file with the time in its pictures.</summary>
    private static readonly TimeSpan s_largestDrift = TimeSpan.FromMilliseconds(250);

    /// <exception cref="RecordingUnreadableException">A file that the plan names is not there, or not what it was.</exception>
    public static async Task<IReadOnlyList<PlannedFile>> CreateAsync(
        PlaybackPlan plan, DateTimeOffset to, ExportCut cut, FragmentReader reader, CancellationToken cancellationToken)
    {
        var groups = new List<List<PlannedRun>>();
        int samples = 0;
        foreach (var run in plan.Runs)
        {
            int more = SamplesIn(run);
            if (groups.Count == 0 || samples + more > MaxSamples || (cut == ExportCut.Encoded && Ends(groups[^1][0], run)) || !await FollowsAsync(groups[^1][^1], run, reader, cancellationToken))
            {
                groups.Add([]);
                samples = 0;
            }

            groups[^1].Add(run);
            samples += more;
        }

        return
        [
            .. groups.Select((runs, i) => new PlannedFile(
                runs,
                i == 0 && cut != ExportCut.WholeFragments ? plan.ShownFromTicks : runs[0].StartTicks,
                i == groups.Count - 1 ? Math.Min(plan.ShownToTicks, runs[^1].EndTicks) : runs[^1].EndTicks,
                i == 0 && cut != ExportCut.WholeFragments ? plan.ShownFrom : UnixTime.FromMicroseconds(runs[0].First.CaptureTimeUs),
                EndOf(runs[^1], to, cut))),
        ];
    }

    private static DateTimeOffset EndOf(PlannedRun last, DateTimeOffset to, ExportCut cut)
    {
        var end = UnixTime.FromMicroseconds(PlaybackPlan.EndUs(last.Last));
        return cut == ExportCut.WholeFragments || end < to ? end : to;
    }

    /// <summary>Whether a file that begins with one run ends in front of another.</summary>
    internal static bool Ends(PlannedRun first, PlannedRun run)
    {
        var length = TimeSpan.FromSeconds((double)(run.EndTicks - first.StartTicks) / FragmentEntry.TicksPerSecond);
        var before = TimeSpan.FromSeconds((double)(run.StartTicks - first.StartTicks) / FragmentEntry.TicksPerSecond);
        var drift = TimeSpan.FromMicroseconds(run.First.CaptureTimeUs - first.First.CaptureTimeUs) - before;
        return length > s_longestEncoded || drift.Duration() > s_largestDrift;
    }

    /// <summary>No gap, the same parameters, and the chain goes on: else what is in between could not be told from what was cut out.</summary>
    private static async ValueTask<bool> FollowsAsync(PlannedRun before, PlannedRun run, FragmentReader reader, CancellationToken cancellationToken)
    {
        if (!run.Continues || run.Segment.Id == before.Segment.Id) return false;
        byte[] last = await HeaderAsync(before.Segment.Path, before.Last, reader, cancellationToken);
        byte[] first = await HeaderAsync(run.Segment.Path, run.First, reader, cancellationToken);
        if (!FragmentHeader.TryRead(last, out _) || !FragmentHeader.TryRead(first, out _)) return false;
        return FragmentHeader.TryReadLink(first, out var link)
            ? link.Previous.SequenceEqual(FragmentHeader.ChainAt(last))
            : FragmentHeader.ChainAt(last).IsEmpty;
    }

    private static async ValueTask<byte[]> HeaderAsync(string path, FragmentEntry fragment, FragmentReader reader, CancellationToken cancellationToken)
    {
        byte[] header = new byte[Math.Min(fragment.Length, FragmentHeader.MaxBytes)];
        using var file = reader.Open(path);
        await reader.ReadBytesAsync(file, path, fragment.Offset, header, cancellationToken);
        return header;
    }

    private static int SamplesIn(PlannedRun run)
    {
        int samples = 0;
        foreach (ref readonly var fragment in run.Fragments.Span) samples += fragment.SampleCount;
        return samples;
    }
}
