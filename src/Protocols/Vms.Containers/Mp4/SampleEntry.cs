using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Vms.Codecs;
using Vms.Codecs.Flac;

namespace Vms.Containers.Mp4;

/// <summary>Sample entries of `stsd`: what a decoder needs before a track's first sample.</summary>
/// <remarks>
/// H.264 avc1, H.265 hvc1, AAC mp4a, Opus and fLaC are standard. G.711 (alaw, ulaw), L16 (twos) and MJPEG (jpeg) are QuickTime's entries,
/// which ffmpeg and VLC read inside MP4 and browsers do not. G.726 has g726 (MP4RA's register), with the bits of a code word as its sample
/// size: the code words stay as RFC 3551 packs them, and no player that we know reads them there. Metadata has none.
/// </remarks>
internal static class SampleEntry
{
    private const int VisualSampleEntryBytes = 78;
    private const int AudioSampleEntryBytes = 28;
    private const uint LastMetadataBlock = 0x8000_0000;

    public static bool CanWrite(CodecKind codec) => codec is CodecKind.H264 or CodecKind.H265 or CodecKind.Mjpeg
        or CodecKind.Aac or CodecKind.Opus or CodecKind.PcmA or CodecKind.PcmU or CodecKind.L16 or CodecKind.G726 or CodecKind.Flac;

    public static void Write(BoxWriter box, TrackInfo track)
    {
        switch (track.Codec)
        {
            case CodecKind.H264:
                WriteVisual(box, track, "avc1"u8, "avcC"u8);    // ISO/IEC 14496-15 §5.4.2
                break;
            case CodecKind.H265:
                WriteVisual(box, track, "hvc1"u8, "hvcC"u8);    // ISO/IEC 14496-15 §8.4.1
                break;
            case CodecKind.Mjpeg:
                WriteVisual(box, track, "jpeg"u8, default);
                break;
            case CodecKind.Aac:
                int mp4a = BeginAudio(box, track, "mp4a"u8, AacChannels(track.CodecParameters.Span));
                ElementaryStream.Write(box, track.CodecParameters.Span);
                box.End(mp4a);
                break;
            case CodecKind.Opus:
                int opus = BeginAudio(box, track, "Opus"u8, OpusChannels(track.CodecParameters.Span));
                WriteConfiguration(box, "dOps"u8, track.CodecParameters.Span);
                box.End(opus);
                break;
            case CodecKind.Flac:
                int flac = BeginAudio(box, track, "fLaC"u8, (byte)FlacFrame.ChannelsOf(track.CodecParameters.Span));
                WriteFlac(box, track.CodecParameters.Span);
                box.End(flac);
                break;
            case CodecKind.PcmA:
                box.End(BeginAudio(box, track, "alaw"u8, channels: 1));
                break;
            case CodecKind.PcmU:
                box.End(BeginAudio(box, track, "ulaw"u8, channels: 1));
                break;
            case CodecKind.L16:
                box.End(BeginAudio(box, track, "twos"u8, track.CodecParameters.IsEmpty ? (byte)1 : track.CodecParameters.Span[0]));
                break;
            case CodecKind.G726:
                box.End(BeginAudio(box, track, "g726"u8, channels: 1, sampleSize: track.CodecParameters.IsEmpty ? (ushort)4 : track.CodecParameters.Span[0]));
                break;
            default:
                throw new NotSupportedException($"No sample entry for {track.Codec}");
        }
    }

    /// <summary>The twin of <see cref="Write"/>.</summary>
    /// <param name="entry">Stands on the sample entry.</param>
    public static bool TryRead(BoxReader entry, byte id, int timescale, [NotNullWhen(true)] out TrackInfo? track)
    {
        track = entry.Is("avc1"u8) ? ReadVisual(entry, id, timescale, CodecKind.H264, "avcC"u8)
            : entry.Is("hvc1"u8) ? ReadVisual(entry, id, timescale, CodecKind.H265, "hvcC"u8)
            : entry.Is("jpeg"u8) ? ReadVisual(entry, id, timescale, CodecKind.Mjpeg, default)
            : entry.Payload.Length < AudioSampleEntryBytes ? null
            : entry.Is("mp4a"u8) ? ReadAac(entry, id, timescale)
            : entry.Is("Opus"u8) ? ReadOpus(entry, id, timescale)
            : entry.Is("fLaC"u8) ? ReadFlac(entry, id, timescale)
            : entry.Is("alaw"u8) ? new TrackInfo(id, CodecKind.PcmA, timescale, default, 0, 0)
            : entry.Is("ulaw"u8) ? new TrackInfo(id, CodecKind.PcmU, timescale, default, 0, 0)
            : entry.Is("g726"u8) ? new TrackInfo(id, CodecKind.G726, timescale, new[] { entry.Payload[19] }, 0, 0)
            : entry.Is("twos"u8) ? new TrackInfo(id, CodecKind.L16, timescale, new[] { entry.Payload[17] }, 0, 0)
            : null;
        return track is not null;
    }

    /// <summary>ISO/IEC 14496-12 §12.1.3 VisualSampleEntry.</summary>
    private static void WriteVisual(BoxWriter box, TrackInfo track, ReadOnlySpan<byte> type, ReadOnlySpan<byte> configuration)
    {
        int entry = box.Begin(type);
        box.Zeros(6);
        box.U16(1);                     // data_reference_index
        box.Zeros(16);
        box.U16((ushort)track.Width);
        box.U16((ushort)track.Height);
        box.U32(0x0048_0000);           // 72 dpi
        box.U32(0x0048_0000);
        box.U32(0);
        box.U16(1);                     // frame_count per sample
        box.Zeros(32);                  // compressorname
        box.U16(0x0018);                // depth
        box.U16(0xFFFF);                // pre_defined
        if (!configuration.IsEmpty) WriteConfiguration(box, configuration, track.CodecParameters.Span);
        box.End(entry);
    }

    /// <summary>ISO/IEC 14496-12 §12.2.3 AudioSampleEntry, version 0.</summary>
    private static int BeginAudio(BoxWriter box, TrackInfo track, ReadOnlySpan<byte> type, byte channels, ushort sampleSize = 16)
    {
        int entry = box.Begin(type);
        box.Zeros(6);
        box.U16(1);                     // data_reference_index
        box.Zeros(8);
        box.U16(channels);
        box.U16(sampleSize);
        box.U32(0);
        box.U32(track.Timescale < 1 << 16 ? (uint)track.Timescale << 16 : 0);
        return entry;
    }

    private static void WriteConfiguration(BoxWriter box, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        int configuration = box.Begin(type);
        box.Bytes(content);
        box.End(configuration);
    }

    /// <summary>FLAC in ISOBMFF §3.3.2: version and flags, then the metadata blocks: here STREAMINFO (type 0) as the last.</summary>
    private static void WriteFlac(BoxWriter box, ReadOnlySpan<byte> streamInfo)
    {
        int dfLa = box.BeginFull("dfLa"u8, 0, 0);
        box.U32(LastMetadataBlock | (uint)streamInfo.Length);
        box.Bytes(streamInfo);
        box.End(dfLa);
    }

    private static TrackInfo? ReadFlac(BoxReader entry, byte id, int timescale) =>
        BoxReader.TryFind(entry.Payload[AudioSampleEntryBytes..], "dfLa"u8, out var dfLa) && dfLa.Length >= 8 + FlacFrame.StreamInfoBytes
            ? new TrackInfo(id, CodecKind.Flac, timescale, dfLa.Slice(8, FlacFrame.StreamInfoBytes).ToArray(), 0, 0)
            : null;

    private static TrackInfo? ReadVisual(BoxReader entry, byte id, int timescale, CodecKind codec, ReadOnlySpan<byte> configuration)
    {
        if (entry.Payload.Length < VisualSampleEntryBytes) return null;

        int width = BinaryPrimitives.ReadUInt16BigEndian(entry.Payload[24..]);
        int height = BinaryPrimitives.ReadUInt16BigEndian(entry.Payload[26..]);
        ReadOnlySpan<byte> content = default;
        if (!configuration.IsEmpty && !BoxReader.TryFind(entry.Payload[VisualSampleEntryBytes..], configuration, out content)) return null;
        return new TrackInfo(id, codec, timescale, content.ToArray(), width, height);
    }

    private static TrackInfo? ReadAac(BoxReader entry, byte id, int timescale) =>
        BoxReader.TryFind(entry.Payload[AudioSampleEntryBytes..], "esds"u8, out var esds) && ElementaryStream.TryRead(esds, out var specific)
            ? new TrackInfo(id, CodecKind.Aac, timescale, specific.ToArray(), 0, 0)
            : null;

    private static TrackInfo? ReadOpus(BoxReader entry, byte id, int timescale) =>
        BoxReader.TryFind(entry.Payload[AudioSampleEntryBytes..], "dOps"u8, out var dOps)
            ? new TrackInfo(id, CodecKind.Opus, timescale, dOps.ToArray(), 0, 0)
            : null;

    /// <summary>channelConfiguration of an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1); 2 when it is too odd to say.</summary>
    private static byte AacChannels(ReadOnlySpan<byte> specific)
    {
        if (specific.Length < 2) return 2;
        bool escapes = specific[0] >> 3 == 31 || (((specific[0] & 7) << 1) | (specific[1] >> 7)) == 15;
        int channels = (specific[1] >> 3) & 0xF;
        return escapes || channels == 0 ? (byte)2 : channels == 7 ? (byte)8 : (byte)channels;
    }

    private static byte OpusChannels(ReadOnlySpan<byte> dOps) => dOps.Length > 1 && dOps[1] > 0 ? dOps[1] : (byte)2;
}
