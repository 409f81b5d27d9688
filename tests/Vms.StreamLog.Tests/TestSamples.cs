using System.Buffers.Binary;
using System.Security.Cryptography;
using Vms.Codecs;

namespace Vms.StreamLog.Tests;

/// <summary>Samples whose every byte follows from their sequence number: a SHA-256 of the rest, the number, a stream only it has.</summary>
internal static class TestSamples
{
    internal const int SmallestHashed = 48;

    internal static readonly TrackInfo Video = new(0, CodecKind.H264, 90_000, new byte[] { 1, 0x64, 0, 0x1F }, 1920, 1080);
    internal static readonly TrackInfo Audio = new(1, CodecKind.PcmA, 8_000, ReadOnlyMemory<byte>.Empty, 0, 0);

    /// <summary>A keyframe every <paramref name="gop"/> samples, the first among them; 25 samples per second.</summary>
    internal static SampleHeader HeaderOf(long sequence, int gop = 10) => new(
        0, gop == 1 || sequence % gop == 1 ? SampleFlags.Keyframe : SampleFlags.None, GapCause.None, 1, sequence * 3600, sequence * 40_000);

    internal static void FillPayload(Span<byte> payload, long sequence)
    {
        Span<byte> body = payload.Length >= SmallestHashed ? payload[32..] : payload;
        ulong state = (ulong)sequence * 0x9E3779B97F4A7C15 + 1;
        for (int i = 0; i + 8 <= body.Length; i += 8)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            BinaryPrimitives.WriteUInt64LittleEndian(body[i..], state);
        }

        for (int i = body.Length & ~7; i < body.Length; i++)
            body[i] = (byte)(sequence + i);
        if (payload.Length < SmallestHashed)
            return;
        BinaryPrimitives.WriteInt64LittleEndian(body, sequence);
        SHA256.HashData(body, payload);
    }

    internal static byte[] PayloadOf(long sequence, int length)
    {
        var payload = new byte[length];
        FillPayload(payload, sequence);
        return payload;
    }

    /// <summary>Whether a copied payload of at least <see cref="SmallestHashed"/> bytes is the one of that sequence number.</summary>
    internal static bool IsIntact(ReadOnlySpan<byte> payload, long sequence)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(payload[32..], hash);
        return hash.SequenceEqual(payload[..32]) && BinaryPrimitives.ReadInt64LittleEndian(payload[32..]) == sequence;
    }

    /// <summary>A payload length between the two that follows from the sequence number.</summary>
    internal static int LengthOf(long sequence, int min, int max) =>
        min + (int)((ulong)sequence * 0x9E3779B97F4A7C15 >> 33) % (max - min + 1);

    internal static AppendResult AppendNext(StreamLogWriter writer, int length = 100, int gop = 10) =>
        writer.Append(HeaderOf(writer.NextSequence, gop), PayloadOf(writer.NextSequence, length));
}
