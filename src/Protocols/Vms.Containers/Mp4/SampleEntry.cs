using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>Sample entries of `stsd`: what a decoder needs before a track's first sample.</summary>
internal static class SampleEntry
{
    public static bool CanWrite(CodecKind codec) => codec is CodecKind.H264;

    public static void Write(BoxWriter box, TrackInfo track)
    {
        switch (track.Codec)
        {
            case CodecKind.H264:
                WriteAvc1(box, track);
                break;
            default:
                throw new NotSupportedException($"No sample entry for {track.Codec}");
        }
    }

    /// <summary>The twin of <see cref="Write"/>.</summary>
    /// <param name="entry">Stands on the sample entry.</param>
    public static bool TryRead(BoxReader entry, byte id, int timescale, [NotNullWhen(true)] out TrackInfo? track)
    {
        track = null;
        if (!entry.Is("avc1"u8) || entry.Payload.Length < VisualSampleEntryBytes) return false;

        int width = BinaryPrimitives.ReadUInt16BigEndian(entry.Payload[24..]);
        int height = BinaryPrimitives.ReadUInt16BigEndian(entry.Payload[26..]);
        if (!BoxReader.TryFind(entry.Payload[VisualSampleEntryBytes..], "avcC"u8, out var avcC)) return false;

        track = new TrackInfo(id, CodecKind.H264, timescale, avcC.ToArray(), width, height);
        return true;
    }

    private const int VisualSampleEntryBytes = 78;

    /// <summary>ISO/IEC 14496-12 §12.1.3 VisualSampleEntry, ISO/IEC 14496-15 §5.4.2 AVCConfigurationBox.</summary>
    private static void WriteAvc1(BoxWriter box, TrackInfo track)
    {
        int avc1 = box.Begin("avc1"u8);
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
        int avcC = box.Begin("avcC"u8);
        box.Bytes(track.CodecParameters.Span);
        box.End(avcC);
        box.End(avc1);
    }
}
