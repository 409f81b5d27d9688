using System.Buffers.Binary;
using System.Numerics;
using Vms.Containers.Mp4;

namespace Vms.Recorder.Tests.Support;

/// <summary>A segment as version 0.1.0 first wrote it: without the boxes that fill blocks, and without a chain.</summary>
internal static class UnpaddedSegment
{
    private const int ChainBytes = 136;
    private const int VersionPosition = 24;
    private const int LengthPosition = 92;
    private const int ContentChecksumPosition = 96;

    public static byte[] Of(ReadOnlySpan<byte> segment)
    {
        using var result = new MemoryStream();
        Assert.True(Fmp4InitReader.TryRead(segment, out _, out int initBytes));
        result.Write(WithoutFree(segment[..initBytes]));
        for (int at = initBytes; at < segment.Length;)
        {
            Assert.True(FragmentHeader.TryRead(segment[at..], out var header));
            result.Write(Shortened(segment.Slice(at, header.Length)));
            at += header.Length;
        }

        return result.ToArray();
    }

    private static byte[] Shortened(ReadOnlySpan<byte> fragment)
    {
        byte[] unpadded = WithoutFree(fragment);
        int headerBytes = BinaryPrimitives.ReadInt32BigEndian(unpadded) - ChainBytes;
        byte[] shorter = [.. unpadded[..(headerBytes - 4)], 0, 0, 0, 0, .. unpadded[(headerBytes + ChainBytes)..]];
        BinaryPrimitives.WriteInt32BigEndian(shorter, headerBytes);
        shorter[VersionPosition] = 1;
        shorter[VersionPosition + 1] &= 1;      // the flag of a signature came with the chain
        BinaryPrimitives.WriteInt32BigEndian(shorter.AsSpan(LengthPosition), shorter.Length);
        BinaryPrimitives.WriteUInt32BigEndian(shorter.AsSpan(ContentChecksumPosition), Crc32C(shorter.AsSpan(headerBytes)));
        BinaryPrimitives.WriteUInt32BigEndian(shorter.AsSpan(headerBytes - 4), Crc32C(shorter.AsSpan(0, headerBytes - 4)));
        return shorter;
    }

    private static byte[] WithoutFree(ReadOnlySpan<byte> boxes)
    {
        using var kept = new MemoryStream();
        for (int at = 0, size; at < boxes.Length; at += size)
        {
            size = BinaryPrimitives.ReadInt32BigEndian(boxes[at..]);
            if (!boxes.Slice(at + 4, 4).SequenceEqual("free"u8))
            {
                kept.Write(boxes.Slice(at, size));
            }
        }

        return kept.ToArray();
    }

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint state = uint.MaxValue;
        foreach (byte value in bytes)
        {
            state = BitOperations.Crc32C(state, value);
        }

        return ~state;
    }
}
