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
    public const int RequestHeaderBytes = 5;
    public const int ReplyHeaderBytes = 5;

    /// <summary>output u8, codec u8, quality u8 (of a JPEG), greatest width u16, then the picture.</summary>
    public static void WriteRequestHeader(Span<byte> header, DecoderRequest request)
    {
        header[0] = (byte)request.Output;
        header[1] = (byte)request.Codec;
        header[2] = (byte)request.Quality;
        BinaryPrimitives.WriteUInt16LittleEndian(header[3..], (ushort)request.MaxWidth);
    }

    public static DecoderRequest ReadRequestHeader(ReadOnlySpan<byte> header) =>
        new((DecoderOutput)header[0], (PictureCodec)header[1], BinaryPrimitives.ReadUInt16LittleEndian(header[3..]), header[2]);

    /// <summary>verdict u8, width u16, height u16, then the JPEG or the luma, one byte a pixel; or, not decoded, the reason in UTF-8.</summary>
    public static void WriteReplyHeader(Span<byte> header, DecoderVerdict verdict, int width, int height)
    {
        header[0] = (byte)verdict;
        BinaryPrimitives.WriteUInt16LittleEndian(header[1..], (ushort)width);
        BinaryPrimitives.WriteUInt16LittleEndian(header[3..], (ushort)height);
    }

    public static (DecoderVerdict Verdict, int Width, int Height) ReadReplyHeader(ReadOnlySpan<byte> header) =>
        ((DecoderVerdict)header[0], BinaryPrimitives.ReadUInt16LittleEndian(header[1..]), BinaryPrimitives.ReadUInt16LittleEndian(header[3..]));
}

/// <summary>What a picture is to become.</summary>
/// <param name="Quality">Of a JPEG, 1..100.</param>
internal readonly record struct DecoderRequest(DecoderOutput Output, PictureCodec Codec, int MaxWidth, int Quality);

/// <summary>The form in which a decoded picture comes back.</summary>
internal enum DecoderOutput : byte
{
    Jpeg,

    /// <summary>Brightness alone.</summary>
    Luma,

    /// <summary>A JPEG of the last of several pictures; each has its length and time before it.</summary>
    JpegOfLast,
}

/// <summary>What the decoder says of a picture.</summary>
internal enum DecoderVerdict : byte
{
    /// <summary>It makes nothing of it.</summary>
    Rejected,
    Decoded,

    /// <summary>There is no decoder: a library is not installed. That is no fault of the picture.</summary>
    Unavailable,
}
