using System.Globalization;
using Vms.Containers.Integrity;

namespace Vms.Cli.Verification;

/// <summary>Verifies recorded files and says in words for people what it found.</summary>
/// <param name="keys">Null when none are known.</param>
/// <param name="anchors">Heads that are known from elsewhere.</param>
internal sealed class ArchiveVerification(IntegrityKeys? keys, Anchors anchors, TextWriter output, TimeProvider time)
{
    private const int Good = 0;
    private const int Altered = 1;
    private const int Unknown = 2;

    /// <summary>Of each stream: what is altered in one place is often altered in many.</summary>
    private const int ShownFindings = 20;

    /// <summary>A file that was written to so recently may end in the middle of a fragment.</summary>
    private static readonly TimeSpan s_growing = TimeSpan.FromSeconds(10);

    /// <returns>The exit code of <c>vms verify</c>.</returns>
    public int Run(IReadOnlyList<RecordedFiles> streams) => streams.Select(Verify).ToList() switch
    {
        var codes when codes.Contains(Altered) => Altered,
        var codes => codes.Max(),
    };

    private int Verify(RecordedFiles stream)
    {
        var verifier = new ChainVerifier(keys);
        var verdicts = new List<SegmentVerdict>();
        var findings = new List<Finding>();
        int unreadable = 0;
        foreach (string path in stream.Paths)
        {
            try
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                var verdict = verifier.Verify(Path.GetRelativePath(stream.Name, path), file);
                verdicts.Add(verdict);
                findings.AddRange(IsGrowing(path) ? verdict.Findings.Where(f => f.Kind != FindingKind.Torn) : verdict.Findings);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                unreadable++;
                output.WriteLine($"{path} cannot be read: {e.Message}");
            }
        }

        findings.AddRange(anchors.Missing(stream, verifier, verdicts.Min(v => v.Start)));
        Report(stream, verdicts, findings);
        int hashed = verdicts.Sum(v => v.Fragments - v.UnhashedFragments);
        return findings.Count > 0 ? Altered : unreadable > 0 || hashed == 0 || keys is null ? Unknown : Good;
    }

    private bool IsGrowing(string path) => time.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(path) < s_growing;

    private void Report(RecordedFiles stream, List<SegmentVerdict> verdicts, List<Finding> findings)
    {
        int fragments = verdicts.Sum(v => v.Fragments);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{stream.Name}: {verdicts.Count} files, {fragments} fragments, {Time(verdicts.Min(v => v.Start))} to {Time(verdicts.Max(v => v.End))}"));
        if (verdicts.Sum(v => v.UnhashedFragments) is > 0 and var unhashed)
            output.WriteLine($"  {unhashed} fragments were recorded before there were hashes: nothing can be said about them");
        foreach (var finding in findings.Take(ShownFindings))
            output.WriteLine($"  {Time(finding.At)}: {Word(finding.Kind)}: {finding.File}: {finding.What}");
        if (findings.Count > ShownFindings)
            output.WriteLine($"  and {findings.Count - ShownFindings} more");
        if (findings.Count > 0)
            output.WriteLine($"  NOT what was recorded, from {Time(findings[0].At)} on");
        else if (verdicts.LastOrDefault(v => v.AnchoredUntil is not null) is { AnchoredUntil: var until })
            output.WriteLine($"  good up to {Time(until)}{Unanchored(verdicts)}");
        else
            output.WriteLine("  unanchored: nothing in it was signed by a known key");
    }

    private static string Unanchored(List<SegmentVerdict> verdicts)
    {
        int last = verdicts.FindLastIndex(v => v.AnchoredUntil is not null);
        int behind = verdicts[last].UnanchoredFragments + verdicts.Skip(last + 1).Sum(v => v.Fragments);
        return behind == 0 ? "" : $"; {behind} fragments behind that are not signed yet (unanchored)";
    }

    private static string Word(FindingKind kind) => kind switch
    {
        FindingKind.Torn => "torn",
        FindingKind.Missing => "missing",
        FindingKind.Inserted => "inserted",
        FindingKind.Reordered => "reordered",
        FindingKind.UnknownKey => "unknown key",
        _ => "altered",
    };

    private static string Time(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture) ?? "unknown time";
}
