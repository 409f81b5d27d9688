using Vms.Containers.Integrity;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Retention;

namespace Vms.Recorder.Exports;

/// <summary>What is missing in an export, and why: the ledger's gaps, what was deleted, and stretches of which nothing is known. It is signed: nothing is claimed
/// beyond what the index has.</summary>
internal sealed class ExportGaps(ArchiveIndex index)
{
    /// <summary>There is no recording of it any more, or there never was one.</summary>
    public const string NoRecordingHere = "noRecordingHere";

    /// <summary>Recordings of this time were deleted, as a tombstone of the last weeks says.</summary>
    public const string Deleted = "deleted";

    /// <summary>Capture times are estimates; a smaller hole is none.</summary>
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMilliseconds(500);

    /// <exception cref="IndexUnavailableException">The index is away.</exception>
    public async Task<IReadOnlyList<ExportedGap>> OfAsync(
        ExportSpec spec, ExportCamera camera, string stream, IReadOnlyList<ExportedFile> files, CancellationToken cancellationToken)
    {
        var (from, to) = ExportRun.RangeOf(spec);
        var ledger = await index.GapsAsync(camera.Id, stream, from, to, cancellationToken);
        var gaps = ledger.Select(g => new ExportedGap(Later(g.From, from), Earlier(g.To, to), GapRow.NameOf(g.Cause))).Where(g => g.To > g.From).ToList();
        var known = files.Select(f => (f.From, f.To)).Concat(gaps.Select(g => (g.From, g.To))).Append((to, to)).OrderBy(s => s.Item1).ToList();
        var deleted = DeletedStretches(
            await index.DeletedStartsAsync(camera.Id, stream, from, to, cancellationToken), [.. known.Select(k => k.Item1)]);
        var until = from;
        foreach (var (start, end) in known)
        {
            if (start - until > s_tolerance) gaps.AddRange(Explain(until, start, deleted));
            until = Later(until, end);
        }

        return [.. gaps.OrderBy(g => g.From)];
    }

    /// <summary>A tombstone knows where its segment began. It is taken to have lasted until the next one begins, or until something else is known.</summary>
    private static List<(DateTimeOffset From, DateTimeOffset To)> DeletedStretches(IReadOnlyList<DateTimeOffset> starts, List<DateTimeOffset> known)
    {
        var stretches = new List<(DateTimeOffset From, DateTimeOffset To)>();
        var ends = new SortedSet<DateTimeOffset>(starts.Concat(known));
        foreach (var start in starts)
        {
            var longest = start + RangeCoverage.LongestSegment;
            var end = ends.GetViewBetween(start.AddTicks(1), longest) is { Count: > 0 } later ? later.Min : longest;
            if (stretches.Count > 0 && stretches[^1].To >= start) stretches[^1] = stretches[^1] with { To = end };
            else stretches.Add((start, end));
        }

        return stretches;
    }

    private static IEnumerable<ExportedGap> Explain(DateTimeOffset from, DateTimeOffset to, List<(DateTimeOffset From, DateTimeOffset To)> deleted)
    {
        foreach (var (start, end) in deleted.Where(d => d.From < to && d.To > from))
        {
            if (start - from > s_tolerance) yield return new ExportedGap(from, start, NoRecordingHere);
            yield return new ExportedGap(Later(from, start), Earlier(to, end), Deleted);
            from = Earlier(to, end);
        }

        if (to - from > s_tolerance) yield return new ExportedGap(from, to, NoRecordingHere);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
