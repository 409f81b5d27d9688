using System.Globalization;
using Vms.Containers.Integrity;

namespace Vms.Cli.Verification;

/// <summary>Verifies recorded files and says in words for people what it found.</summary>
/// <param name="keys">Null when none are known.</param>
/// <param name="anchors">Heads that are known from elsewhere.</param>
/// <param name="dataKeys">For encrypted recordings; null when there are none.</param>
internal sealed class ArchiveVerification(IntegrityKeys? keys, Anchors anchors, TextWriter output, TimeProvider time, DataKeys? dataKeys = null)
{
    private const int Good = 0;
    private const int Altered = 1;
    private const int Unknown = 2;

    /// <summary>Of each stream: what is altered in one place is often altered in many.</summary>
    private const int ShownFindings = 20;

    /// <summary>A file that was written to so recently may end in the middle of a fragment.</summary>
    private static readonly TimeSpan s_growing = TimeSpan.FromSeconds(10);

    /// <summary>A recorder signs every ten seconds: so much without a signature it did not write, or somebody took it away.</summary>
    private static readonly TimeSpan s_longestTail = TimeSpan.FromSeconds(30);

    /// <summary>A picture a fragment, as MJPEG has it, at more pictures a second than cameras send: whoever forges times does not get further.</summary>
    private const int MaxTailFragments = 2000;

    /// <returns>The exit code of <c>vms verify</c>.</returns>
    public int Run(IReadOnlyList<RecordedFiles> streams)
    {
        var codes = streams.Select(Verify).ToList();
        if (anchors.Unmatched(streams) is > 0 and var unmatched)
        {
            Say($"{unmatched} anchored heads are of other streams, or of older recordings, and say nothing about these");
            if (unmatched == anchors.Count)
                codes.Add(Unknown);
        }

        return codes.Contains(Altered) ? Altered : codes.Max();
    }

    private int Verify(RecordedFiles stream)
    {
        var verifier = new ChainVerifier(keys, anchors.ChainsOf(stream), dataKeys is null ? null : dataKeys.Find);
        var verdicts = new List<SegmentVerdict>();
        var findings = new List<Finding>();
        int found = 0;
        int unreadable = 0;
        foreach (var file in stream.Files)
        {
            try
            {
                using var content = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                var verdict = verifier.Verify(Path.GetRelativePath(stream.Name, file.Path), content);
                verdicts.Add(verdict);
                bool growing = file == stream.Files[^1] && IsGrowing(file.Path);
                found += verdict.FindingCount - (growing ? verdict.Findings.Count(f => f.Kind == FindingKind.Torn) : 0);
                findings.AddRange(verdict.Findings.Where(f => !(growing && f.Kind == FindingKind.Torn)).Take(ShownFindings - Math.Min(ShownFindings, findings.Count)));
            }
            catch (Exception e) when (verdicts.Count == 0 && e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Retention was faster.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                unreadable++;
                verifier.PassOver();
                Say($"{file.Path} cannot be read: {e.Message}");
            }
        }

        var missing = anchors.Missing(stream, verifier, verdicts.Min(v => v.Start)).ToList();
        Report(stream, verdicts, [.. findings, .. missing], found + missing.Count);
        return found + missing.Count > 0 ? Altered : unreadable > 0 || !IsVouchedFor(verdicts) ? Unknown : Good;
    }

    private bool IsGrowing(string path)
    {
        var age = time.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(path);
        return age >= TimeSpan.Zero && age < s_growing;
    }

    /// <summary>All of it is hashed, and signed but for the last seconds.</summary>
    private static bool IsVouchedFor(List<SegmentVerdict> verdicts) =>
        verdicts.All(v => v.UnhashedFragments == 0 && v.LockedFragments == 0) && verdicts.Exists(v => v.AnchoredUntil is not null) && IsShort(TailOf(verdicts));

    private static bool IsShort((TimeSpan Length, int Fragments) tail) => tail.Length < s_longestTail && tail.Fragments <= MaxTailFragments;

    /// <summary>What is behind the last good signature, in recording order: the wall clock may have been set back there.</summary>
    private static (TimeSpan Length, int Fragments) TailOf(List<SegmentVerdict> verdicts)
    {
        int last = verdicts.FindLastIndex(v => v.AnchoredUntil is not null);
        var length = Between(verdicts[last].AnchoredUntil, verdicts[last].End);
        int fragments = verdicts[last].UnanchoredFragments;
        foreach (var behind in verdicts.Skip(last + 1))
        {
            length += Between(behind.Start, behind.End);
            fragments += behind.Fragments;
        }

        return (length, fragments);
    }

    private static TimeSpan Between(DateTimeOffset? from, DateTimeOffset? to) => to > from ? to.Value - from.Value : TimeSpan.Zero;

    private void Report(RecordedFiles stream, List<SegmentVerdict> verdicts, List<Finding> findings, int found)
    {
        int fragments = verdicts.Sum(v => v.Fragments);
        Say(string.Create(
            CultureInfo.InvariantCulture, $"{stream.Name}: {verdicts.Count} files, {fragments} fragments, {Time(verdicts.Min(v => v.Start))} to {Time(verdicts.Max(v => v.End))}"));
        if (stream.IsFromDevice)
            Say("  the device had recorded it itself; what is vouched for is that nothing changed since it was fetched");
        foreach (var seam in verdicts.Where(v => v.IsBehindOtherFetch).Take(ShownFindings))
            Say($"  {Time(seam.Start)}: {seam.Name} came with another fetch than what is in front of it, and between them something is not there: retention deletes what was fetched by when it was recorded");
        foreach (var empty in verdicts.Where(v => v.Fragments == 0))
            Say($"  {empty.Name} holds no fragment");
        if (verdicts.Sum(v => v.UnhashedFragments) is > 0 and var unhashed)
            Say($"  {unhashed} fragments were recorded before there were hashes: nothing can be said about them");
        int locked = verdicts.Sum(v => v.LockedFragments);
        if (locked > 0)
            Say($"  {locked} fragments are encrypted, and their keys are not here: order and signatures were checked, what they show was not; give the keys with --keys DIR");
        foreach (var finding in findings)
            Say($"  {Time(finding.At)}: {Word(finding.Kind)}: {finding.File}: {finding.What}");
        if (found > findings.Count)
            Say($"  and {found - findings.Count} more");
        if (findings.Count > 0)
            Say($"  NOT what was recorded, from {Time(findings[0].At)} on");
        else if (verdicts.LastOrDefault(v => v.AnchoredUntil is not null) is { AnchoredUntil: var until })
            Say($"  {(locked > 0 ? "signed" : "good")} up to {Time(until)}{Unanchored(verdicts)}");
        else
            Say("  unanchored: nothing in it was signed by a known key");
    }

    /// <summary>Names come from the disk.</summary>
    private void Say(string line) => output.WriteLine(TerminalText.Of(line));

    private static string Unanchored(List<SegmentVerdict> verdicts)
    {
        var tail = TailOf(verdicts);
        return tail.Fragments == 0 ? ""
            : IsShort(tail) ? $"; {tail.Fragments} fragments behind that are not signed yet (unanchored)"
            : $"; nobody vouches for the {tail.Fragments} fragments behind that (unanchored)";
    }

    private static string Word(FindingKind kind) => kind switch
    {
        FindingKind.Torn => "torn",
        FindingKind.Missing => "missing",
        FindingKind.Inserted => "inserted",
        FindingKind.Reordered => "reordered",
        FindingKind.UnknownKey => "unknown key",
        FindingKind.Unvouched => "unvouched",
        _ => "altered",
    };

    private static string Time(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture) ?? "unknown time";
}
