using System.Buffers;
using System.Buffers.Binary;
using Vms.Codecs;

namespace Vms.Containers.Matroska;

/// <summary>TrackEntry elements (RFC 9559 §5.1.4.1) for every codec that is recorded; codec mappings: draft-ietf-cellar-codec.</summary>
internal static class MatroskaTrack
{
    private const ulong VideoType = 1, AudioType = 2;
    private const ushort WaveALaw = 6, WaveMuLaw = 7;
    private const int OpusRate = 48_000;
    private const ulong OpusSeekPreRollNs = 80_000_000;

    /// <param name="number">TrackNumber: position in the segment's track table, from 1.</param>
    /// <exception cref="NotSupportedException">No mapping; nothing that a segment can hold is without one.</exception>
    public static void Write(IBufferWriter<byte> destination, TrackInfo track, int number)
    {
        var entry = new ArrayBufferWriter<byte>();
        EbmlWriter.Number(entry, MatroskaId.TrackNumber, (ulong)number);
        EbmlWriter.Number(entry, MatroskaId.TrackUid, (ulong)number);
        EbmlWriter.Number(entry, MatroskaId.TrackType, track.IsVideo ? VideoType : AudioType);
        EbmlWriter.Number(entry, MatroskaId.FlagLacing, 0);
        EbmlWriter.Element(entry, MatroskaId.Language, "und"u8);
        EbmlWriter.Element(entry, MatroskaId.CodecId, CodecIdOf(track.Codec));
        byte[] configuration = ConfigurationOf(track);
        if (configuration.Length > 0) EbmlWriter.Element(entry, MatroskaId.CodecPrivate, configuration);
        if (track.Codec == CodecKind.Opus && track.CodecParameters.Length >= 4)
        {
            ulong preSkip = BinaryPrimitives.ReadUInt16BigEndian(track.CodecParameters.Span[2..]);
            EbmlWriter.Number(entry, MatroskaId.CodecDelay, preSkip * 1_000_000_000 / OpusRate);
            EbmlWriter.Number(entry, MatroskaId.SeekPreRoll, OpusSeekPreRollNs);
        }

        var details = new ArrayBufferWriter<byte>();
        if (track.IsVideo)
        {
            EbmlWriter.Number(details, MatroskaId.PixelWidth, (ulong)track.Width);
            EbmlWriter.Number(details, MatroskaId.PixelHeight, (ulong)track.Height);
            EbmlWriter.Element(entry, MatroskaId.Video, details.WrittenSpan);
        }
        else
        {
            Span<byte> rate = stackalloc byte[8];
            BinaryPrimitives.WriteDoubleBigEndian(rate, track.Timescale);
            EbmlWriter.Element(details, MatroskaId.SamplingFrequency, rate);
            EbmlWriter.Number(details, MatroskaId.Channels, ChannelsOf(track));
            if (track.Codec == CodecKind.L16) EbmlWriter.Number(details, MatroskaId.BitDepth, 16);
            EbmlWriter.Element(entry, MatroskaId.Audio, details.WrittenSpan);
        }

        EbmlWriter.Element(destination, MatroskaId.TrackEntry, entry.WrittenSpan);
    }

    private static ReadOnlySpan<byte> CodecIdOf(CodecKind codec) => codec switch
    {
        CodecKind.H264 => "V_MPEG4/ISO/AVC"u8,
        CodecKind.H265 => "V_MPEGH/ISO/HEVC"u8,
        CodecKind.Mjpeg => "V_MJPEG"u8,
        CodecKind.Aac => "A_AAC"u8,
        CodecKind.Opus => "A_OPUS"u8,
        CodecKind.Flac => "A_FLAC"u8,
        CodecKind.PcmA or CodecKind.PcmU => "A_MS/ACM"u8,
        CodecKind.L16 => "A_PCM/INT/BIG"u8,
        CodecKind.G726 => "A_G726"u8,       // of our own: WAVE's G.726 packs code words the other way round, and would be noise
        _ => throw new NotSupportedException($"No Matroska mapping for {codec}"),
    };

    private static byte[] ConfigurationOf(TrackInfo track) => track.Codec switch
    {
        CodecKind.H264 or CodecKind.H265 or CodecKind.Aac or CodecKind.G726 => track.CodecParameters.ToArray(),
        CodecKind.Opus => OpusHead(track.CodecParameters.Span),
        CodecKind.Flac => [.. "fLaC"u8, 0x80, 0, 0, (byte)track.CodecParameters.Length, .. track.CodecParameters.Span],
        CodecKind.PcmA => WaveFormat(WaveALaw, track.Timescale),
        CodecKind.PcmU => WaveFormat(WaveMuLaw, track.Timescale),
        _ => [],
    };

    /// <summary>WAVEFORMATEX, little-endian: tag, channels, samples and bytes a second, bytes a sample, bits, and no extra bytes.</summary>
    private static byte[] WaveFormat(ushort tag, int rate)
    {
        byte[] format = new byte[18];
        BinaryPrimitives.WriteUInt16LittleEndian(format, tag);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(2), 1);
        BinaryPrimitives.WriteInt32LittleEndian(format.AsSpan(4), rate);
        BinaryPrimitives.WriteInt32LittleEndian(format.AsSpan(8), rate);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(12), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(14), 8);
        return format;
    }

    /// <summary>RFC 7845 §5.1 from `dOps`, which has the same fields big-endian.</summary>
    private static byte[] OpusHead(ReadOnlySpan<byte> dOps)
    {
        if (dOps.Length < 11) return [.. "OpusHead"u8, 1, 2, 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0];
        byte[] head = [.. "OpusHead"u8, 1, dOps[1], dOps[3], dOps[2], dOps[7], dOps[6], dOps[5], dOps[4], dOps[9], dOps[8], .. dOps[10..]];
        return head;
    }

    private static ulong ChannelsOf(TrackInfo track)
    {
        var parameters = track.CodecParameters.Span;
        return track.Codec switch
        {
            CodecKind.L16 when parameters.Length > 0 => parameters[0],
            CodecKind.Opus when parameters.Length > 1 && parameters[1] > 0 => parameters[1],
            CodecKind.Opus => 2,
            CodecKind.Aac when parameters.Length > 1 && ((parameters[1] >> 3) & 0xF) is > 0 and < 8 and var channels => (ulong)(channels == 7 ? 8 : channels),
            CodecKind.Aac => 2,
            _ => 1,
        };
    }
}
