using System.Buffers.Binary;
using System.Security.Cryptography;
using Vms.Containers.Mp4;

namespace Vms.Containers.Integrity;

/// <summary>
/// The hash of what a fragment says: of every sample its payload, as a list of hashes (so that a part can be shown to belong to it by the hashes
/// of the others, 32 bytes a sample); of the fragment its place in the stream log, its capture times, and its `moof`, which has all samples' times, sizes and flags.
/// Written and verified by this one function. One caller at a time; its memory is kept from fragment to fragment.
/// </summary>
public sealed class FragmentDigest
{
    private const byte SamplesDomain = 1;
    private const byte FragmentDomain = 2;
    private const int HashBytes = ChainLink.HashBytes;
    private const int FragmentBytes = 1 + HashBytes + (6 * 8) + (2 * 4) + HashBytes + HashBytes;

    private byte[] _list = [];

    /// <param name="initDigest">SHA-256 of the init segment that the samples decode with.</param>
    /// <param name="content">What stands behind the `uuid` box: `moof`, `mdat` and what fills the block.</param>
    /// <param name="digest">32 bytes.</param>
    /// <returns>False when this is not a fragment that <see cref="Fmp4FragmentBuilder"/> wrote.</returns>
    public bool TryCompute(in FragmentHeader header, ReadOnlySpan<byte> initDigest, ReadOnlySpan<byte> content, Span<byte> digest)
    {
        if (header.SampleCount is <= 0 or > Fmp4FragmentBuilder.MaxSamples) return false;
        int listBytes = 1 + header.SampleCount * HashBytes;
        if (_list.Length < listBytes) _list = new byte[2 * listBytes];
        var list = _list.AsSpan(0, listBytes);
        list[0] = SamplesDomain;
        var samples = new StoredSamples(content);
        if (!TryHashSamples(ref samples, list[1..])) return false;
        HashFragment(header, initDigest, samples.Moof, list, digest);
        return true;
    }

    private static bool TryHashSamples(ref StoredSamples samples, Span<byte> hashes)
    {
        while (samples.Next())
        {
            if (hashes.IsEmpty) return false;
            SHA256.HashData(samples.Payload, hashes);
            hashes = hashes[HashBytes..];
        }

        return samples.IsComplete && hashes.IsEmpty;
    }

    private static void HashFragment(
        in FragmentHeader header, ReadOnlySpan<byte> initDigest, ReadOnlySpan<byte> moof, ReadOnlySpan<byte> samples, Span<byte> digest)
    {
        Span<byte> input = stackalloc byte[FragmentBytes];
        input[0] = FragmentDomain;
        initDigest.CopyTo(input[1..]);
        var fields = input[(1 + HashBytes)..];
        BinaryPrimitives.WriteUInt64BigEndian(fields, header.Epoch);
        BinaryPrimitives.WriteInt64BigEndian(fields[8..], header.FirstSequence);
        BinaryPrimitives.WriteInt64BigEndian(fields[16..], header.LastSequence);
        BinaryPrimitives.WriteInt64BigEndian(fields[24..], header.FirstCaptureTimeUs);
        BinaryPrimitives.WriteInt64BigEndian(fields[32..], header.LastCaptureTimeUs);
        BinaryPrimitives.WriteInt64BigEndian(fields[40..], header.StartTicks);
        BinaryPrimitives.WriteInt32BigEndian(fields[48..], header.DurationTicks);
        BinaryPrimitives.WriteUInt32BigEndian(fields[52..], header.FragmentNumber);
        SHA256.HashData(moof, fields[56..]);
        SHA256.HashData(samples, fields[(56 + HashBytes)..]);
        SHA256.HashData(input, digest);
    }
}
