using System.Buffers.Binary;
using Vms.Native.Ffmpeg;

namespace Vms.Hosting.Decoding;

/// <summary>What the plane and its decoder say to each other through two pipes. Numbers are little-endian; every message begins with
/// the length of the rest.</summary>
internal static class DecoderMessages
{
    /// <summary>Of either message: above the largest access unit there is.</summary>
    public const int MaxBytes = 17 << 20;

    public const int LengthBytes = 4;
    public const int RequestHeaderBytes = 4;
    public const int ReplyHeaderBytes = 5;

    /// <summary>codec u8, quality u8, greatest width u16, then the picture.</summary>
    public static void WriteRequestHeader(Span<byte> header, PictureCodec codec, int maxWidth, int quality)
    {
        header[0] = (byte)codec;
        header[1] = (byte)quality;
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)maxWidth);
    }

    public static (PictureCodec Codec, int MaxWidth, int Quality) ReadRequestHeader(ReadOnlySpan<byte> header) =>
        ((PictureCodec)header[0], BinaryPrimitives.ReadUInt16LittleEndian(header[2..]), header[1]);

    /// <summary>decoded u8, width u16, height u16, then the JPEG; or, not decoded, the reason in UTF-8.</summary>
    public static void WriteReplyHeader(Span<byte> header, bool decoded, int width, int height)
    {
        header[0] = decoded ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(header[1..], (ushort)width);
        BinaryPrimitives.WriteUInt16LittleEndian(header[3..], (ushort)height);
    }

    public static (bool Decoded, int Width, int Height) ReadReplyHeader(ReadOnlySpan<byte> header) =>
        (header[0] == 1, BinaryPrimitives.ReadUInt16LittleEndian(header[1..]), BinaryPrimitives.ReadUInt16LittleEndian(header[3..]));
}
