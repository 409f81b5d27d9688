using System.Buffers;
using System.Buffers.Binary;
using Vms.Codecs;

namespace Vms.Containers.Matroska;

/// <summary>
/// One video track as an endless Matroska stream (RFC 9559), a cluster per picture: what a decoder can read from a pipe picture by
/// picture, with presentation times of a millisecond, and without keeping an index that grows.
/// </summary>
/// <remarks>Pictures stand in decoding order; Matroska knows presentation times only.</remarks>
public static class LiveMatroskaWriter
{
    private const ulong UnknownSize = 0x01FF_FFFF_FFFF_FFFF;
    private const byte TrackNumber = 1;
    private const byte Keyframe = 0x80;

    private const uint Ebml = 0x1A45DFA3, EbmlVersion = 0x4286, EbmlReadVersion = 0x42F7, EbmlMaxIdLength = 0x42F2, EbmlMaxSizeLength = 0x42F3;
    private const uint DocType = 0x4282, DocTypeVersion = 0x4287, DocTypeReadVersion = 0x4285;
    private const uint Segment = 0x18538067, Info = 0x1549A966, TimestampScale = 0x2AD7B1, MuxingApp = 0x4D80, WritingApp = 0x5741;
    private const uint Tracks = 0x1654AE6B, TrackEntry = 0xAE, TrackNumberId = 0xD7, TrackUid = 0x73C5, TrackType = 0x83, CodecId = 0x86;
    private const uint CodecPrivate = 0x63A2, Video = 0xE0, PixelWidth = 0xB0, PixelHeight = 0xBA;
    private const uint Cluster = 0x1F43B675, ClusterTimestamp = 0xE7, SimpleBlock = 0xA3;

    /// <summary>What <see cref="WritePictureHeader"/> writes: cluster, its timestamp, block.</summary>
    public const int PictureHeaderBytes = 4 + 8 + 1 + 1 + 8 + 1 + 8 + BlockHeaderBytes;

    private const int BlockHeaderBytes = 4;

    public static bool CanCarry(CodecKind codec) => codec is CodecKind.H264 or CodecKind.H265 or CodecKind.Mjpeg;

    /// <exception cref="ArgumentException">Not <see cref="CanCarry"/>.</exception>
    public static void WriteHead(IBufferWriter<byte> destination, TrackInfo track)
    {
        ArgumentNullException.ThrowIfNull(track);
        var codec = track.Codec switch
        {
            CodecKind.H264 => "V_MPEG4/ISO/AVC"u8,
            CodecKind.H265 => "V_MPEGH/ISO/HEVC"u8,
            CodecKind.Mjpeg => "V_MJPEG"u8,
            _ => throw new ArgumentException($"{track.Codec} is not carried", nameof(track)),
        };
        var ebml = new ArrayBufferWriter<byte>();
        WriteNumber(ebml, EbmlVersion, 1);
        WriteNumber(ebml, EbmlReadVersion, 1);
        WriteNumber(ebml, EbmlMaxIdLength, 4);
        WriteNumber(ebml, EbmlMaxSizeLength, 8);
        WriteElement(ebml, DocType, "matroska"u8);
        WriteNumber(ebml, DocTypeVersion, 4);
        WriteNumber(ebml, DocTypeReadVersion, 2);
        WriteElement(destination, Ebml, ebml.WrittenSpan);

        WriteId(destination, Segment);
        WriteBigEndian(destination, UnknownSize);

        var info = new ArrayBufferWriter<byte>();
        WriteNumber(info, TimestampScale, 1_000_000);
        WriteElement(info, MuxingApp, "vms"u8);
        WriteElement(info, WritingApp, "vms"u8);
        WriteElement(destination, Info, info.WrittenSpan);

        var size = new ArrayBufferWriter<byte>();
        WriteNumber(size, PixelWidth, (ulong)track.Width);
        WriteNumber(size, PixelHeight, (ulong)track.Height);
        var entry = new ArrayBufferWriter<byte>();
        WriteNumber(entry, TrackNumberId, TrackNumber);
        WriteNumber(entry, TrackUid, TrackNumber);
        WriteNumber(entry, TrackType, 1);
        WriteElement(entry, CodecId, codec);
        if (!track.CodecParameters.IsEmpty)
            WriteElement(entry, CodecPrivate, track.CodecParameters.Span);
        WriteElement(entry, Video, size.WrittenSpan);
        var tracks = new ArrayBufferWriter<byte>();
        WriteElement(tracks, TrackEntry, entry.WrittenSpan);
        WriteElement(destination, Tracks, tracks.WrittenSpan);
    }

    /// <summary>Everything of a picture's cluster but the picture, which follows: length-prefixed NAL units, or a JPEG.</summary>
    /// <param name="destination"><see cref="PictureHeaderBytes"/>.</param>
    public static void WritePictureHeader(Span<byte> destination, long presentationMs, bool isKeyframe, int pictureBytes)
    {
        ulong block = BlockHeaderBytes + (ulong)pictureBytes;
        BinaryPrimitives.WriteUInt32BigEndian(destination, Cluster);
        WriteSize(destination[4..], PictureHeaderBytes - 12 + (ulong)pictureBytes);
        destination[12] = (byte)ClusterTimestamp;
        destination[13] = 0x80 | 8;
        BinaryPrimitives.WriteInt64BigEndian(destination[14..], presentationMs);
        destination[22] = (byte)SimpleBlock;
        WriteSize(destination[23..], block);
        destination[31] = 0x80 | TrackNumber;
        BinaryPrimitives.WriteInt16BigEndian(destination[32..], 0);     // relative to the cluster's
        destination[34] = isKeyframe ? Keyframe : (byte)0;
    }

    private static void WriteSize(Span<byte> destination, ulong size) =>
        BinaryPrimitives.WriteUInt64BigEndian(destination, 0x0100_0000_0000_0000 | size);

    private static void WriteElement(IBufferWriter<byte> destination, uint id, ReadOnlySpan<byte> body)
    {
        WriteId(destination, id);
        WriteSize(destination.GetSpan(8), (ulong)body.Length);
        destination.Advance(8);
        destination.Write(body);
    }

    private static void WriteNumber(IBufferWriter<byte> destination, uint id, ulong value)
    {
        WriteId(destination, id);
        destination.Write((ReadOnlySpan<byte>)[0x80 | 8]);
        WriteBigEndian(destination, value);
    }

    private static void WriteId(IBufferWriter<byte> destination, uint id)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, id);
        destination.Write(bytes[(id > 0xFFFFFF ? 0 : id > 0xFFFF ? 1 : id > 0xFF ? 2 : 3)..]);
    }

    private static void WriteBigEndian(IBufferWriter<byte> destination, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination.GetSpan(8), value);
        destination.Advance(8);
    }
}
