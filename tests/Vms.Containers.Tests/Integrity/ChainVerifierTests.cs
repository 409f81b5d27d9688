using System.Buffers.Binary;
using System.Security.Cryptography;
using Vms.Codecs;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;

namespace Vms.Containers.Tests.Integrity;

public sealed class ChainVerifierTests : IDisposable
{
    private readonly RecordedStream _stream = new();

    public void Dispose() => _stream.Dispose();

    [Fact]
    public void What_nobody_touched_has_no_findings_and_is_vouched_for_to_its_end()
    {
        var verdicts = _stream.Verify(_stream.Copy(), out var verifier);
        Assert.All(verdicts, v => Assert.Empty(v.Findings));
        Assert.All(verdicts, v => Assert.Equal((0, 0, v.End), (v.UnanchoredFragments, v.UnhashedFragments, v.AnchoredUntil)));
        Assert.Equal(_stream.Segments.Select(s => s.Fragments.Count), verdicts.Select(v => v.Fragments));
        Assert.True(verifier.HasSeen(_stream.ChainAt(2, ^1)));
    }

    [Fact]
    public void A_file_alone_and_one_with_those_before_it_deleted_are_good_too()
    {
        Assert.Empty(_stream.Verify(_stream.Copy()[1..2])[0].Findings);
        Assert.All(_stream.Verify(_stream.Copy()[1..]), v => Assert.Empty(v.Findings));
    }

    [Fact]
    public void What_is_behind_the_last_signature_is_never_called_good()
    {
        using var unfinished = new RecordedStream(signLast: false);
        var last = unfinished.Verify(unfinished.Copy())[^1];
        Assert.Empty(last.Findings);
        Assert.Equal(((last.Fragments - 1) % 3) + 1, last.UnanchoredFragments);
        Assert.True(last.AnchoredUntil < last.End);
    }

    /// <summary>Flips, cuts, deletions, insertions and swaps, with a fixed seed: every one that reaches before the last signed head is found.</summary>
    [Fact]
    public void Of_1500_random_alterations_every_one_is_found()
    {
        var random = new Random(20261129);
        var head = _stream.ChainAt(2, ^1);
        for (int i = 0; i < 1500; i++)
        {
            var files = _stream.Copy();
            string what = Alter(files, random);
            var findings = _stream.Verify(files, out var verifier).SelectMany(v => v.Findings).ToList();
            Assert.True(findings.Count > 0 || !verifier.HasSeen(head), $"not found: {what}");
        }
    }

    [Fact]
    public void The_alteration_is_named_with_its_second_and_the_first_finding_says_from_where_on_nobody_vouches()
    {
        for (int fragment = 0; fragment < _stream.Segments[1].Fragments.Count; fragment++)
        {
            var files = _stream.Copy();
            var entry = _stream.Segments[1].Fragments[fragment];
            files[1][(int)entry.EndOffset - 1] ^= 1;
            var findings = _stream.Verify(files).SelectMany(v => v.Findings).ToList();
            Assert.Equal(entry.CaptureTimeUs, TimeOf(findings.First(f => f.Kind == FindingKind.Altered)));
            Assert.Equal(_stream.Segments[1].Fragments[fragment - (fragment % 3)].CaptureTimeUs, TimeOf(findings[0]));
        }
    }

    /// <summary>Every third fragment is signed. What lies between is replaced, and the next one claims to follow it: its chain and the signature stay good.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void What_a_fragment_only_claims_to_follow_is_vouched_for_by_no_signature(int claims)
    {
        var files = _stream.Copy();
        Forge(files[0], from: 3, signer: null, until: claims);
        var findings = _stream.Verify(files)[0].Findings;
        Assert.Equal((FindingKind.Unvouched, _stream.Segments[0].Fragments[3].CaptureTimeUs), (findings[0].Kind, TimeOf(findings[0])));
        Assert.Equal((FindingKind.Altered, _stream.Segments[0].Fragments[claims].CaptureTimeUs), (findings[1].Kind, TimeOf(findings[1])));
        Assert.Equal(2, findings.Count);
    }

    [Fact]
    public void A_fragment_that_is_missing_doubled_or_in_another_place_is_named_for_what_it_is()
    {
        var fragments = _stream.Segments[0].Fragments;
        byte[] file = _stream.Segments[0].File;
        byte[] Piece(int i) => file[(int)fragments[i].Offset..(int)fragments[i].EndOffset];
        byte[] Without(int i) => [.. file[..(int)fragments[i].Offset], .. file[(int)fragments[i].EndOffset..]];

        Assert.Equal(FindingKind.Missing, Kind(Without(5)));
        Assert.Equal(FindingKind.Reordered, Kind([.. file[..(int)fragments[5].EndOffset], .. Piece(3), .. file[(int)fragments[5].EndOffset..]]));
        Assert.Equal(FindingKind.Missing, Kind([.. file[..(int)fragments[5].Offset], .. Piece(6), .. Piece(5), .. file[(int)fragments[6].EndOffset..]]));

        FindingKind Kind(byte[] tampered) => _stream.Verify([tampered])[0].Findings.First(f => f.Kind != FindingKind.Unvouched).Kind;
    }

    [Fact]
    public void Whoever_makes_all_hashes_anew_cannot_sign_them()
    {
        var files = _stream.Copy();
        Forge(files[0], from: 4, signer: null);
        Assert.Contains(_stream.Verify(files)[0].Findings, f => f is { Kind: FindingKind.Altered } && f.What.Contains("signature", StringComparison.Ordinal));

        using var strange = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        files = _stream.Copy();
        Forge(files[0], from: 4, new HeadSigner(strange));
        Assert.Contains(_stream.Verify(files)[0].Findings, f => f.Kind == FindingKind.UnknownKey);
    }

    [Fact]
    public void A_signature_that_was_taken_away_leaves_nothing_that_is_called_good()
    {
        var files = _stream.Copy();
        Forge(files[2], from: 0, signer: null, strip: true);
        var verdict = _stream.Verify(files)[2];
        Assert.Equal((verdict.Fragments, (DateTimeOffset?)null), (verdict.UnanchoredFragments, verdict.AnchoredUntil));
    }

    [Fact]
    public void Fragments_of_the_version_without_hashes_in_front_of_hashed_ones_are_found()
    {
        var files = _stream.Copy();
        byte[] old = WithoutChain(_stream.Segments[0].File);
        Assert.Equal(_stream.Segments[0].Fragments.Count, _stream.Verify([old])[0].UnhashedFragments);
        var verdicts = _stream.Verify([old, files[1]]);
        Assert.Empty(verdicts[0].Findings);
        Assert.Equal(FindingKind.Missing, Assert.Single(verdicts[1].Findings).Kind);
        verdicts = _stream.Verify([files[0], WithoutChain(_stream.Segments[1].File)]);
        Assert.Equal(verdicts[1].Fragments, verdicts[1].FindingCount);
    }

    [Fact]
    public void What_is_appended_to_a_file_is_no_torn_fragment()
    {
        byte[] file = _stream.Segments[2].File;
        byte[] half = file[(int)_stream.Segments[2].Fragments[0].Offset..(int)(_stream.Segments[2].Fragments[0].EndOffset - 1)];
        Assert.Equal(FindingKind.Torn, Assert.Single(_stream.Verify([[.. file, .. half]])[0].Findings).Kind);
        byte[] forged = [.. file, .. half[FragmentHeader.SizeOf(1)..]];
        Assert.Equal(FindingKind.Altered, Assert.Single(_stream.Verify([forged])[0].Findings).Kind);
    }

    [Fact]
    public void A_file_that_holds_no_fragment_is_no_finding_by_itself()
    {
        var files = _stream.Copy();
        var verdicts = _stream.Verify([files[0], [], files[1][.._stream.Segments[1].InitBytes], files[1]]);
        Assert.All(verdicts, v => Assert.Empty(v.Findings));
        Assert.Equal((0, 0), (verdicts[1].Fragments, verdicts[2].Fragments));
        Assert.Equal(FindingKind.Missing, _stream.Verify([files[0], [], files[2]])[2].Findings[0].Kind);
    }

    [Fact]
    public void A_cut_at_the_end_of_a_file_shows_at_the_next_file_and_at_a_head_that_is_known()
    {
        var cut = _stream.Copy();
        cut[1] = cut[1][..(int)_stream.Segments[1].Fragments[^1].Offset];
        Assert.Equal(FindingKind.Missing, Assert.Single(_stream.Verify(cut)[2].Findings, f => f.Kind != FindingKind.Unvouched).Kind);

        var last = _stream.Copy();
        last[2] = last[2][..(int)_stream.Segments[2].Fragments[^1].Offset];
        Assert.All(_stream.Verify(last, out var verifier), v => Assert.Empty(v.Findings));
        Assert.False(verifier.HasSeen(_stream.ChainAt(2, ^1)));
    }

    private static long TimeOf(Finding finding) => (long)(finding.At!.Value - DateTimeOffset.UnixEpoch).TotalMicroseconds;

    /// <returns>What was done, for the message of a failure.</returns>
    private string Alter(List<byte[]> files, Random random)
    {
        int i = random.Next(files.Count);
        byte[] file = files[i];
        var fragments = _stream.Segments[i].Fragments;
        int a = random.Next(fragments.Count);
        int b = random.Next(fragments.Count);
        var (pieceA, pieceB) = (file[(int)fragments[a].Offset..(int)fragments[a].EndOffset], file[(int)fragments[b].Offset..(int)fragments[b].EndOffset]);
        int kind = random.Next(5);
        switch (kind)
        {
            case 0:
                int position = random.Next(file.Length);
                file[position] ^= (byte)random.Next(1, 256);
                return $"flip in {i} at {position}";
            case 1:
                int length = random.Next(file.Length);
                files[i] = file[..length];
                return $"{i} cut to {length}";
            case 2:
                files[i] = [.. file[..(int)fragments[a].Offset], .. file[(int)fragments[a].EndOffset..]];
                return $"fragment {a} of {i} deleted";
            case 3:
                files[i] = [.. file[..(int)fragments[a].Offset], .. pieceB, .. file[(int)fragments[a].Offset..]];
                return $"fragment {b} of {i} inserted before {a}";
            default:
                if (a == b)
                    goto case 2;
                var (low, high) = (Math.Min(a, b), Math.Max(a, b));
                var (first, second) = low == a ? (pieceA, pieceB) : (pieceB, pieceA);
                files[i] =
                [
                    .. file[..(int)fragments[low].Offset], .. second, .. file[(int)fragments[low].EndOffset..(int)fragments[high].Offset],
                    .. first, .. file[(int)fragments[high].EndOffset..],
                ];
                return $"fragments {low} and {high} of {i} swapped";
        }
    }

    /// <summary>As version 0.1.0 first wrote it.</summary>
    private static byte[] WithoutChain(ReadOnlySpan<byte> file)
    {
        Assert.True(Fmp4InitReader.TryRead(file, out _, out int at));
        using var result = new MemoryStream();
        result.Write(file[..at]);
        for (; at < file.Length;)
        {
            Assert.True(FragmentHeader.TryRead(file[at..], out var header));
            int box = FragmentHeader.SizeAt(file[at..]) - ChainLink.Bytes;
            byte[] shorter = [.. file.Slice(at, box - 4), 0, 0, 0, 0, .. file[(at + box + ChainLink.Bytes)..(at + header.Length)]];
            BinaryPrimitives.WriteInt32BigEndian(shorter, box);
            shorter[24] = 1;
            shorter[25] &= 1;
            BinaryPrimitives.WriteInt32BigEndian(shorter.AsSpan(92), shorter.Length);
            BinaryPrimitives.WriteUInt32BigEndian(shorter.AsSpan(box - 4), Crc32C.Of(shorter.AsSpan(0, box - 4)));
            result.Write(shorter);
            at += header.Length;
        }

        return result.ToArray();
    }

    /// <summary>Alters a payload and makes everything that anybody can compute anew from there on: checksums, digests and chain.</summary>
    /// <param name="strip">Signatures are taken away instead of kept or made.</param>
    /// <param name="until">This fragment only claims to follow what was made anew: its chain and what follows stay as they are.</param>
    private static void Forge(Span<byte> file, int from, HeadSigner? signer, bool strip = false, int until = int.MaxValue)
    {
        Assert.True(Fmp4InitReader.TryRead(file, out _, out int at));
        byte[] init = SHA256.HashData(file[..at]);
        byte[] previous = [];
        Span<byte> digest = stackalloc byte[ChainLink.HashBytes];
        for (int i = 0; at < file.Length; i++)
        {
            Assert.True(FragmentHeader.TryRead(file[at..], out var header));
            var fragment = file.Slice(at, header.Length);
            int box = FragmentHeader.SizeAt(fragment);
            Assert.True(FragmentHeader.TryReadLink(fragment, out var link));
            bool signed = link.IsSigned;
            if (i == from)
            {
                fragment[fragment.IndexOf("mdat"u8) + 40] ^= 1;
                previous = link.Previous.ToArray();
            }

            if (i == until)
            {
                previous.CopyTo(FragmentHeader.LinkOf(fragment, tracks: 1));
                header.Write(fragment, tracks: 1, signed, Crc32C.Of(fragment[box..]));
                return;
            }

            if (i >= from)
            {
                byte[] signature = link.Signature.ToArray();
                byte[] keyId = link.KeyId.ToArray();
                Assert.True(new FragmentDigest().TryCompute(header, init, fragment[box..], digest));
                var bytes = FragmentHeader.LinkOf(fragment, tracks: 1);
                ChainLink.Write(bytes, previous, digest, signed && !strip ? signer : null);
                if (signed && signer is null && !strip)
                {
                    keyId.CopyTo(bytes[(2 * ChainLink.HashBytes)..]);
                    signature.CopyTo(bytes[^ChainLink.SignatureBytes..]);
                }

                previous = ChainLink.ChainIn(bytes).ToArray();
                header.Write(fragment, tracks: 1, signed && !strip, Crc32C.Of(fragment[box..]));
            }

            at += header.Length;
        }
    }
}
