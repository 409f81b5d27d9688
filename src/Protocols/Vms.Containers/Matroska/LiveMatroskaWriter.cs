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
    private const byte TrackNumber = 1;
    private const byte Keyframe = 0x80;

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
        EbmlWriter.Begin(destination);

        var info = new ArrayBufferWriter<byte>();
        EbmlWriter.Number(info, MatroskaId.TimestampScale, 1_000_000);
        EbmlWriter.Element(info, MatroskaId.MuxingApp, "vms"u8);
        EbmlWriter.Element(info, MatroskaId.WritingApp, "vms"u8);
        EbmlWriter.Element(destination, MatroskaId.Info, info.WrittenSpan);

        var size = new ArrayBufferWriter<byte>();
        EbmlWriter.Number(size, MatroskaId.PixelWidth, (ulong)track.Width);
        EbmlWriter.Number(size, MatroskaId.PixelHeight, (ulong)track.Height);
        var entry = new ArrayBufferWriter<byte>();
        EbmlWriter.Number(entry, MatroskaId.TrackNumber, TrackNumber);
        EbmlWriter.Number(entry, MatroskaId.TrackUid, TrackNumber);
        EbmlWriter.Number(entry, MatroskaId.TrackType, 1);
        EbmlWriter.Element(entry, MatroskaId.CodecId, codec);
        if (!track.CodecParameters.IsEmpty)
            EbmlWriter.Element(entry, MatroskaId.CodecPrivate, track.CodecParameters.Span);
        EbmlWriter.Element(entry, MatroskaId.Video, size.WrittenSpan);
        var tracks = new ArrayBufferWriter<byte>();
        EbmlWriter.Element(tracks, MatroskaId.TrackEntry, entry.WrittenSpan);
        EbmlWriter.Element(destination, MatroskaId.Tracks, tracks.WrittenSpan);
    }

    /// <summary>Everything of a picture's cluster but the picture, which follows: length-prefixed NAL units, or a JPEG.</summary>
    /// <param name="destination"><see cref="PictureHeaderBytes"/>.</param>
    public static void WritePictureHeader(Span<byte> destination, long presentationMs, bool isKeyframe, int pictureBytes)
    {
        ulong block = BlockHeaderBytes + (ulong)pictureBytes;
        BinaryPrimitives.WriteUInt32BigEndian(destination, MatroskaId.Cluster);
        EbmlWriter.Size(destination[4..], PictureHeaderBytes - 12 + (ulong)pictureBytes);
        destination[12] = (byte)MatroskaId.ClusterTimestamp;
        destination[13] = 0x80 | 8;
        BinaryPrimitives.WriteInt64BigEndian(destination[14..], presentationMs);
        destination[22] = (byte)MatroskaId.SimpleBlock;
        EbmlWriter.Size(destination[23..], block);
        destination[31] = 0x80 | TrackNumber;
        BinaryPrimitives.WriteInt16BigEndian(destination[32..], 0);     // relative to the cluster's
        destination[34] = isKeyframe ? Keyframe : (byte)0;
    }
}
