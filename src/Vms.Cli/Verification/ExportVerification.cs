using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;

namespace Vms.Cli.Verification;

/// <summary>Verifies an export (docs/ref/export-format.md) and says in words for people what it found: who exported what, whether every file is what was
/// exported, and whether every second in it is what was recorded.</summary>
/// <param name="keys">Null when none are known: what the export says of itself is then checked with the key in it.</param>
internal sealed class ExportVerification(IntegrityKeys? keys, TextWriter output)
{
    private const int Good = 0;
    private const int Altered = 1;
    private const int Unknown = 2;
    private const int ShownFindings = 20;

    /// <returns>The exit code of <c>vms verify</c>.</returns>
    /// <exception cref="InvalidDataException">It cannot be looked at; the message is for the user.</exception>
    public int Run(ExportedFiles files)
    {
        byte[] manifestBytes = ReadAll(files, ExportManifest.FileName);
        var manifest = Read(manifestBytes);
        Say($"{files.Name}: export {manifest.Id} of {Time(manifest.From)} to {Time(manifest.To)}, made by {manifest.ExportedBy} at {Time(manifest.ExportedAt)}");
        using var own = keys is null ? OwnKey(manifest) : null;
        var trusted = keys ?? own!;
        int code = VerifySignature(files, manifestBytes, manifest, trusted);

        // Where the key was given and nothing else is open.
        bool conversions = code == Good && manifest.Cameras.Any(c => c.Files.Any(f => f.Conversion is not null));
        foreach (var camera in manifest.Cameras)
        {
            if (camera.Source == SegmentLabel.FromDevice)
                Say($"  {camera.Name}, {camera.Stream}: the device had recorded it itself; what is vouched for is that nothing changed since it was fetched");
            foreach (var file in camera.Files)
            {
                int found = Verify(files, camera, file, trusted);
                conversions &= found == Good || file.Conversion is not null;
                code = Worse(code, found);
            }

            foreach (var gap in camera.Gaps)
                Say($"  {camera.Name}: not recorded from {Time(gap.From)} to {Time(gap.To)} ({gap.Cause})");
        }

        foreach (var other in manifest.Others)
        {
            using var content = files.Find(other.Name);
            if (content is not null && HashOf(content) == other.Sha256) continue;
            Say(content is null ? $"  missing: {other.Name}" : $"  altered: {other.Name} is not what was exported; do not use it");
            code = Altered;
        }

        code = Worse(code, FindInserted(files, manifest));
        Say(code switch
        {
            Good => "  good: all of it is what was recorded and exported",
            Altered => "  NOT what was exported",
            _ when conversions => "  all of it is what was exported; for what was converted it cannot be said that it is what was recorded",
            _ => "  it cannot be said for all of it",
        });
        return code;
    }

    /// <summary>Only the number of the key that signed is told: the one that the manifest names is anybody's word.</summary>
    private int VerifySignature(ExportedFiles files, byte[] manifestBytes, ExportManifest manifest, IntegrityKeys trusted)
    {
        var signature = Check(manifestBytes, Encoding.ASCII.GetString(ReadAll(files, ExportManifest.SignatureFileName)), trusted, out string keyId);
        if (signature == HeadSignature.Good && manifest.KeyId == keyId)
        {
            Say(keys is not null
                ? $"  signed with the key {keyId}, which was given"
                : $"  The key in the export itself is taken ({keyId}): whoever made it has it. Compare its number with the installation's, or give the key with --key FILE.");
            return keys is null ? Unknown : Good;
        }

        Say(signature switch
        {
            HeadSignature.Good => $"  altered: {ExportManifest.FileName} names another key than {keyId}, which signed it",
            HeadSignature.UnknownKey => $"  unknown key: {ExportManifest.FileName} was signed with a key that is not among those {(keys is null ? "in it" : "given")}",
            _ => $"  altered: {ExportManifest.FileName} is not what was signed",
        });
        return Altered;
    }

    private int FindInserted(ExportedFiles files, ExportManifest manifest)
    {
        var inserted = files.Names.Except([ExportManifest.FileName, ExportManifest.SignatureFileName])
            .Except(manifest.Cameras.SelectMany(c => c.Files).Select(f => f.Name)).Except(manifest.Others.Select(o => o.Name)).Order(StringComparer.Ordinal).ToList();
        foreach (string name in inserted.Take(ShownFindings))
            Say($"  inserted: {name} does not belong to the export");
        if (inserted.Count > ShownFindings)
            Say($"  inserted: and {inserted.Count - ShownFindings} more");
        return inserted.Count > 0 ? Altered : Good;
    }

    private int Verify(ExportedFiles files, ExportedCamera camera, ExportedFile file, IntegrityKeys trusted)
    {
        using var content = files.Find(file.Name);
        if (content is null)
        {
            Say($"  {file.Name}: missing");
            return Altered;
        }

        bool asExported = content.Length == file.Bytes && HashOf(content) == file.Sha256;
        if (file.Conversion is { } conversion) return SayConverted(camera, file, conversion, asExported);
        var verifier = new ChainVerifier(trusted);
        var verdicts = file.Parts.Select(p => VerifyPart(verifier, content, file, p)).ToList();
        var last = verdicts[^1];
        var findings = verdicts.SelectMany(v => v.Findings).ToList();
        if (findings.Count == 0) findings.AddRange(EndOf(file, verifier, last, trusted));
        if (!asExported && FrameOf(content, file) != file.FrameSha256)
            findings.Add(new Finding(FindingKind.Altered, null, file.Name, "what makes a player find the pictures is not what was exported"));
        int unhashed = verdicts.Sum(v => v.UnhashedFragments);
        if (unhashed > 0 && file.Chain.Length > 0)
            findings.Add(new Finding(FindingKind.Altered, verdicts.First(v => v.UnhashedFragments > 0).Start, file.Name, $"{unhashed} fragments have no hash, and what was exported has"));
        if (!asExported && findings.Count == 0)
        {
            findings.Add(new Finding(
                FindingKind.Altered, null, file.Name, unhashed > 0 ? "it is not what was exported, and fragments without hashes cannot say where" : "it is longer or shorter than it was exported"));
        }

        bool anchored = verdicts.Exists(v => v.AnchoredUntil is not null);
        Say($"  {file.Name}: {camera.Name}, {Time(file.From)} to {Time(file.To)}: {Word(findings.Count > 0, unhashed > 0, anchored)}");
        foreach (var finding in findings.Take(ShownFindings))
            Say($"    {Time(finding.At)}: {finding.Kind.ToString().ToLowerInvariant()}: {finding.What}");
        if (findings.Count > ShownFindings)
            Say($"    and {findings.Count - ShownFindings} more");
        if (findings.Count == 0 && anchored && last.UnanchoredFragments > 0)
            Say($"    from {Time(last.AnchoredUntil ?? last.Start)} on nothing was signed yet when it was exported: the manifest alone vouches for that");
        return findings.Count > 0 ? Altered : unhashed > 0 || !anchored ? Unknown : Good;
    }

    /// <summary>It holds no signatures of what was recorded: its hash is all there is, and that says nothing of single seconds.</summary>
    private int SayConverted(ExportedCamera camera, ExportedFile file, ExportedConversion conversion, bool asExported)
    {
        Say($"  {file.Name}: {camera.Name}, {Time(file.From)} to {Time(file.To)}: {(asExported ? "it is what was exported" : "NOT what was exported")}");
        if (!asExported)
            Say("    its SHA-256 is another one; it cannot be said which seconds differ");
        Say(conversion.AlteredOnPurpose.Count > 0
            ? $"    altered on purpose when it was exported: {string.Join("; ", conversion.AlteredOnPurpose)}"
            : $"    converted to {conversion.Container} when it was exported, without the signatures of what was recorded");
        return asExported ? Unknown : Altered;
    }

    private static SegmentVerdict VerifyPart(ChainVerifier verifier, Stream content, ExportedFile file, ExportedPart part)
    {
        long length = Math.Clamp(content.Length - part.Offset, 0, part.Bytes);
        var verdict = verifier.Verify(file.Name, new StreamSlice(content, part.Offset, length), isPart: true);
        if (verdict.Fragments != part.Fragments)
            verdict.Find(FindingKind.Missing, verdict.End, $"{verdict.Fragments} fragments are there, and {part.Fragments} were exported");
        return verdict;
    }

    /// <summary>Whether the file ends where it ended, and who vouches for what is behind the last signature in it.</summary>
    private static IEnumerable<Finding> EndOf(ExportedFile file, ChainVerifier verifier, SegmentVerdict last, IntegrityKeys trusted)
    {
        if (file.Chain.Length > 0 && Convert.ToHexStringLower(verifier.Chain) != file.Chain)
            yield return new Finding(FindingKind.Missing, last.End, file.Name, "it does not end with what was exported");
        else if (last.UnanchoredFragments > 0 && file.Tail is { } tail && tail.Check(verifier.Chain, trusted) == HeadSignature.Good)
            last.Anchor();
        else if (last.UnanchoredFragments > 0 && file.Tail is not null)
            yield return new Finding(FindingKind.Altered, last.AnchoredUntil ?? last.Start, file.Name, "what is behind the last signature does not lead to the one that vouches for it");
    }

    private static string Word(bool altered, bool unhashed, bool anchored) => (altered, unhashed, anchored) switch
    {
        (true, _, _) => "NOT what was recorded",
        (_, true, _) => "unchanged since it was exported; it was recorded before there were hashes",
        (_, _, false) => "unchanged since it was exported; nothing in it was signed when it was recorded",
        _ => "good",
    };

    private static string FrameOf(Stream content, ExportedFile file)
    {
        if (content.Length < file.MediaOffset + file.MediaBytes) return "";
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long behind = file.MediaOffset + file.MediaBytes;
        foreach (var (offset, length) in (ReadOnlySpan<(long, long)>)[(0, file.MediaOffset), (behind, content.Length - behind)])
        {
            var slice = new StreamSlice(content, offset, length);
            byte[] buffer = new byte[64 * 1024];
            for (int read; (read = slice.Read(buffer)) > 0;) hash.AppendData(buffer.AsSpan(0, read));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string HashOf(Stream content)
    {
        content.Position = 0;
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }

    private static byte[] ReadAll(ExportedFiles files, string name)
    {
        using var content = files.Find(name) ?? throw new InvalidDataException($"{files.Name} has no {name}: it is no export, or not all of it");
        if (content.Length > ExportManifest.MaxBytes) throw new InvalidDataException($"{files.Name}: {name} is too large");
        byte[] bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        return bytes;
    }

    private static ExportManifest Read(byte[] manifest)
    {
        try
        {
            return ExportManifest.Read(manifest);
        }
        catch (FormatException e)
        {
            throw new InvalidDataException(TerminalText.Of(e.Message), e);
        }
    }

    private static HeadSignature Check(byte[] manifest, string signature, IntegrityKeys trusted, out string keyId)
    {
        try
        {
            return ExportManifest.Check(manifest, signature, trusted, out keyId);
        }
        catch (FormatException)
        {
            keyId = "";
            return HeadSignature.Bad;       // what was a signature is none any more
        }
    }

    private static IntegrityKeys OwnKey(ExportManifest manifest)
    {
        try
        {
            return IntegrityKeys.FromPem(manifest.PublicKey);
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException($"{ExportManifest.FileName} holds no key: {e.Message}", e);
        }
    }

    /// <summary>Names and notes in an export are whatever somebody wrote there.</summary>
    private void Say(string line) => output.WriteLine(TerminalText.Of(line));

    private static int Worse(int a, int b) => a == Altered || b == Altered ? Altered : Math.Max(a, b);

    private static string Time(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture) ?? "unknown time";
}
