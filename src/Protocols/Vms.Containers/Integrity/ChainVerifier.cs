using System.Buffers.Binary;
using System.Security.Cryptography;
using Vms.Containers.Mp4;

namespace Vms.Containers.Integrity;

/// <summary>
/// Verifies the segments of one stream, in recording order, from the files alone: that every fragment says what was recorded, that each follows
/// the one before, and that signed heads were signed by a known key. Reading only; memory for one fragment.
/// </summary>
/// <param name="keys">Null when none are known: content and order are then checked against what anybody could have written.</param>
/// <remarks>One caller at a time.</remarks>
public sealed class ChainVerifier(IntegrityKeys? keys)
{
    private readonly byte[] _chain = new byte[ChainLink.HashBytes];     // of the last fragment that was seen
    private readonly HashSet<UInt128> _seen = [];                       // chains so far, by their first half
    private bool _begun;
    private byte[] _buffer = [];

    /// <summary>Verifies the next file of the stream.</summary>
    /// <param name="name">For the findings.</param>
    /// <param name="file">Seekable. Borrowed.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public SegmentVerdict Verify(string name, Stream file)
    {
        var verdict = new SegmentVerdict(name);
        long length = file.Length;      // it may be growing
        byte[] init = new byte[Math.Min(length, Fmp4InitReader.MaxInitBytes)];
        file.Position = 0;
        file.ReadExactly(init);
        int initBytes = Fmp4InitReader.TryRead(init, out _, out int read) ? read : 0;
        if (initBytes == 0) verdict.Find(FindingKind.Altered, null, "its beginning is no init segment of a recording");
        Span<byte> initDigest = stackalloc byte[ChainLink.HashBytes];
        SHA256.HashData(init.AsSpan(0, initBytes), initDigest);

        long end = initBytes;
        foreach (var entry in Fmp4FragmentScanner.FindHeaders(file, initBytes))
        {
            if (entry.Offset != end) verdict.Find(FindingKind.Altered, verdict.End, $"{entry.Offset - end} bytes at {end} are no fragment");
            Verify(verdict, file, entry, initDigest);
            end = entry.EndOffset;
        }

        if (end < length) verdict.Find(FindingKind.Torn, verdict.End, $"{length - end} bytes at its end are no fragment");
        return verdict;
    }

    /// <summary>Whether a head that somebody outside remembers was among what was verified; when not, the end of the recording was cut off.</summary>
    public bool HasSeen(ReadOnlySpan<byte> chain) => _seen.Contains(KeyOf(chain));

    private void Verify(SegmentVerdict verdict, Stream file, in FragmentEntry entry, ReadOnlySpan<byte> initDigest)
    {
        if (_buffer.Length < entry.Length) _buffer = new byte[Math.Max(entry.Length, 2 * _buffer.Length)];
        var fragment = _buffer.AsSpan(0, entry.Length);
        file.Position = entry.Offset;
        file.ReadExactly(fragment);
        FragmentHeader.TryRead(fragment, out var header);
        if (verdict.Fragments == 0 && header.FragmentNumber > 1)
            verdict.Find(FindingKind.Missing, DateTimeOffset.UnixEpoch.AddMicroseconds(header.FirstCaptureTimeUs), $"{header.FragmentNumber - 1} fragments at its beginning are not there");
        verdict.Begin(header);
        if (!FragmentHeader.TryReadLink(fragment, out var link))
        {
            verdict.Unhashed();
            if (_begun) verdict.Find(FindingKind.Altered, verdict.At, $"fragment {header.FragmentNumber} has no hash, and what is before it has");
            return;
        }

        Span<byte> digest = stackalloc byte[ChainLink.HashBytes];
        bool intact = Fmp4FragmentScanner.IsGood(fragment)
            && FragmentDigest.TryCompute(header, initDigest, fragment[FragmentHeader.SizeAt(fragment)..], digest) && link.Holds(digest);
        if (!intact) verdict.Find(FindingKind.Altered, verdict.At, $"fragment {header.FragmentNumber} is not what was recorded");
        if (_begun && !link.Previous.SequenceEqual(_chain)) FindBreak(verdict, link, header);
        Follow(link);
        verdict.Add(link.IsSigned ? Check(verdict, link, header) : null);
    }

    /// <summary>What follows is not what came before. Both the place of a fragment that should not be there and that of one that is missing are found.</summary>
    private void FindBreak(SegmentVerdict verdict, in ChainLink link, in FragmentHeader header)
    {
        if (_seen.Contains(KeyOf(link.Chain)))
            verdict.Find(FindingKind.Reordered, verdict.At, $"fragment {header.FragmentNumber} stands here a second time, or behind what follows it");
        else if (_seen.Contains(KeyOf(link.Previous)))
            verdict.Find(FindingKind.Inserted, verdict.At, $"in front of fragment {header.FragmentNumber} stands what was not recorded there");
        else
            verdict.Find(FindingKind.Missing, verdict.At, $"what was recorded in front of fragment {header.FragmentNumber} is not there");
    }

    private HeadSignature? Check(SegmentVerdict verdict, in ChainLink link, in FragmentHeader header)
    {
        if (keys is null) return null;
        var signature = keys.Check(link);
        if (signature == HeadSignature.Bad)
            verdict.Find(FindingKind.Altered, verdict.At, $"the signature at fragment {header.FragmentNumber} is false");
        else if (signature == HeadSignature.UnknownKey)
            verdict.Find(FindingKind.UnknownKey, verdict.At, $"fragment {header.FragmentNumber} was signed with the unknown key {Convert.ToHexStringLower(link.KeyId)}");
        return signature;
    }

    private void Follow(in ChainLink link)
    {
        link.Chain.CopyTo(_chain);
        _seen.Add(KeyOf(link.Chain));
        if (!_begun) _seen.Add(KeyOf(link.Previous));
        _begun = true;
    }

    private static UInt128 KeyOf(ReadOnlySpan<byte> chain) => BinaryPrimitives.ReadUInt128BigEndian(chain);
}
