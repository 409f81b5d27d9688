using Vms.Containers.Integrity;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Exports;

/// <summary>What is missing in an export, and why: the ledger's gaps, and stretches that nothing was to be recorded in.</summary>
internal sealed class ExportGaps(ArchiveIndex index)
{
    public const string NotRecorded = "notRecorded";

    /// <summary>Capture times are estimates; a smaller hole is none.</summary>
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMilliseconds(500);

    /// <exception cref="IndexUnavailableException">The index is away.</exception>
    public async Task<IReadOnlyList<ExportedGap>> OfAsync(
        ExportSpec spec, ExportCamera camera, IReadOnlyList<ExportedFile> files, CancellationToken cancellationToken)
    {
        var (from, to) = ExportRun.RangeOf(spec);
        var ledger = await index.GapsAsync(camera.Id, ExportRun.Stream, from, to, cancellationToken);
        var gaps = ledger.Select(g => new ExportedGap(Later(g.From, from), Earlier(g.To, to), GapRow.NameOf(g.Cause))).Where(g => g.To > g.From).ToList();
        var until = from;
        foreach (var (start, end) in files.Select(f => (f.From, f.To)).Concat(gaps.Select(g => (g.From, g.To))).Append((to, to)).OrderBy(s => s.Item1).ToList())
        {
            if (start - until > s_tolerance) gaps.Add(new ExportedGap(until, start, NotRecorded));
            until = Later(until, end);
        }

        return [.. gaps.OrderBy(g => g.From)];
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
