using System.Buffers.Binary;
using Vms.Codecs;

namespace Vms.Media.Egress.Sound;

/// <summary>What the plane and its sound converter say to each other through two pipes. Numbers are little-endian; every message begins
/// with the length of the rest. The first one says what follows: channels u8, AudioSpecificConfig. All others, both ways, are one frame:
/// flags u8, PTS i64 (48 kHz), capture time i64 (µs), then AAC or Opus.</summary>
internal static class SoundMessages
{
    /// <summary>Of either message: above the largest AAC access unit.</summary>
    public const int MaxBytes = 16 << 10;

    public const int LengthBytes = 4;
    public const int FrameHeaderBytes = 1 + 8 + 8;
    private const byte Discontinuity = 1;

    /// <summary>Writes a whole message.</summary>
    /// <returns>Its length.</returns>
    public static int WriteFrame(Span<byte> message, in SampleHeader header, ReadOnlySpan<byte> data)
    {
        BinaryPrimitives.WriteInt32LittleEndian(message, FrameHeaderBytes + data.Length);
        message[LengthBytes] = header.IsDiscontinuity ? Discontinuity : (byte)0;
        BinaryPrimitives.WriteInt64LittleEndian(message[(LengthBytes + 1)..], header.Pts);
        BinaryPrimitives.WriteInt64LittleEndian(message[(LengthBytes + 9)..], header.CaptureTimeUs);
        data.CopyTo(message[(LengthBytes + FrameHeaderBytes)..]);
        return LengthBytes + FrameHeaderBytes + data.Length;
    }

    /// <param name="message">Without its length.</param>
    public static SampleHeader ReadFrame(ReadOnlySpan<byte> message) => new(
        0, message[0] == Discontinuity ? SampleFlags.Discontinuity : SampleFlags.None, GapCause.None, 0,
        BinaryPrimitives.ReadInt64LittleEndian(message[1..]), BinaryPrimitives.ReadInt64LittleEndian(message[9..]));

    public static byte[] Begin(int channels, ReadOnlySpan<byte> config)
    {
        var message = new byte[LengthBytes + 1 + config.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, 1 + config.Length);
        message[LengthBytes] = (byte)channels;
        config.CopyTo(message.AsSpan(LengthBytes + 1));
        return message;
    }

    /// <summary>Reads a message into the room.</summary>
    /// <returns>Its length; 0 at the end of the stream.</returns>
    /// <exception cref="InvalidDataException">It is longer than it may be.</exception>
    public static int Read(Stream stream, Span<byte> room)
    {
        Span<byte> length = stackalloc byte[LengthBytes];
        if (stream.ReadAtLeast(length, LengthBytes, throwOnEndOfStream: false) < LengthBytes)
            return 0;
        int size = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (size < 1 || size > room.Length)
            throw new InvalidDataException($"A message of {size} bytes was announced");
        stream.ReadExactly(room[..size]);
        return size;
    }
}
