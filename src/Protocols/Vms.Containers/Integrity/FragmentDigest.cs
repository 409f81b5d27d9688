using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Vms.Containers.Mp4;

namespace Vms.Containers.Integrity;

/// <summary>
/// The hash of what a fragment says: of every sample its track, times, keyframe flag and payload, as leaves of a Merkle tree (so that a part can
/// be shown to belong to it, in whichever container it stands); of the fragment its place in the stream log, its capture times and its `moof`, by
/// which players find the samples. Written and verified by this one function.
/// </summary>
public static class FragmentDigest
{
    private const byte LeafDomain = 0;
    private const byte NodeDomain = 1;
    private const byte FragmentDomain = 2;
    private const int HashBytes = ChainLink.HashBytes;
    private const int LeafBytes = 1 + 4 + 1 + 8 + 8 + HashBytes;
    private const int FragmentBytes = 1 + HashBytes + (6 * 8) + (2 * 4) + HashBytes + HashBytes;

    /// <param name="initDigest">SHA-256 of the init segment that the samples decode with.</param>
    /// <param name="content">What stands behind the `uuid` box: `moof`, `mdat` and what fills the block.</param>
    /// <param name="digest">32 bytes.</param>
    /// <returns>False when this is not a fragment that <see cref="Fmp4FragmentBuilder"/> wrote.</returns>
    public static bool TryCompute(in FragmentHeader header, ReadOnlySpan<byte> initDigest, ReadOnlySpan<byte> content, Span<byte> digest)
    {
        if (header.SampleCount is <= 0 or > Fmp4FragmentBuilder.MaxSamples) return false;
        byte[] rented = ArrayPool<byte>.Shared.Rent(header.SampleCount * HashBytes);
        try
        {
            var leaves = rented.AsSpan(0, header.SampleCount * HashBytes);
            var samples = new StoredSamples(content);
            if (!TryHashSamples(ref samples, leaves)) return false;
            HashFragment(header, initDigest, samples.Moof, Root(leaves), digest);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static bool TryHashSamples(ref StoredSamples samples, Span<byte> leaves)
    {
        while (samples.Next())
        {
            if (leaves.IsEmpty) return false;
            HashSample(samples, leaves[..HashBytes]);
            leaves = leaves[HashBytes..];
        }

        return samples.IsComplete && leaves.IsEmpty;
    }

    private static void HashSample(in StoredSamples sample, Span<byte> leaf)
    {
        Span<byte> input = stackalloc byte[LeafBytes];
        input[0] = LeafDomain;
        BinaryPrimitives.WriteUInt32BigEndian(input[1..], sample.TrackId);
        input[5] = sample.IsSync ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64BigEndian(input[6..], sample.Pts);
        BinaryPrimitives.WriteInt64BigEndian(input[14..], sample.Dts);
        SHA256.HashData(sample.Payload, input[22..]);
        SHA256.HashData(input, leaf);
    }

    /// <summary>As in RFC 6962 §2.1, but that a lone node at the end of a row goes up as it is. Overwrites the leaves.</summary>
    private static ReadOnlySpan<byte> Root(Span<byte> nodes)
    {
        Span<byte> pair = stackalloc byte[1 + (2 * HashBytes)];
        pair[0] = NodeDomain;
        for (int count = nodes.Length / HashBytes; count > 1; count = (count + 1) / 2)
        {
            for (int i = 0; i < count / 2; i++)
            {
                nodes.Slice(2 * i * HashBytes, 2 * HashBytes).CopyTo(pair[1..]);
                SHA256.HashData(pair, nodes.Slice(i * HashBytes, HashBytes));
            }

            if (count % 2 == 1) nodes.Slice((count - 1) * HashBytes, HashBytes).CopyTo(nodes[(count / 2 * HashBytes)..]);
        }

        return nodes[..HashBytes];
    }

    private static void HashFragment(in FragmentHeader header, ReadOnlySpan<byte> initDigest, ReadOnlySpan<byte> moof, ReadOnlySpan<byte> root, Span<byte> digest)
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
        root.CopyTo(fields[(56 + HashBytes)..]);
        SHA256.HashData(input, digest);
    }
}
