using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>Reads back what <see cref="Fmp4Writer.WriteInit"/> wrote: the tracks of a segment file, from the file alone. Safe for any
/// input; what another program wrote is not understood and refused.</summary>
public static class Fmp4InitReader
{
    /// <summary>A longer `ftyp` + `moov` is not ours.</summary>
    public const int MaxInitBytes = 1 << 20;

    private const int BoxHeaderBytes = 8;
    private const int VisualSampleEntryBytes = 78;

    /// <param name="file">The first bytes of a file; more than the init segment does no harm.</param>
    /// <param name="tracks">In file order; <see cref="TrackInfo.Id"/> is the position.</param>
    /// <param name="initBytes">Where the first fragment begins.</param>
    public static bool TryRead(ReadOnlySpan<byte> file, [NotNullWhen(true)] out IReadOnlyList<TrackInfo>? tracks, out int initBytes)
    {
        tracks = null;
        initBytes = 0;
        if (!TryBox(file, "ftyp"u8, out _, out int ftypBytes)
            || !TryBox(file[ftypBytes..], "moov"u8, out var moov, out int moovBytes)
            || ftypBytes + moovBytes > MaxInitBytes)
        {
            return false;
        }

        var found = new List<TrackInfo>();
        while (TryChild(ref moov, "trak"u8, out var trak))
        {
            if (found.Count == FragmentHeader.MaxTracks || !TryTrack(trak, (byte)found.Count, out var track)) return false;
            found.Add(track);
        }

        if (found.Count == 0) return false;
        tracks = found;
        initBytes = ftypBytes + moovBytes;
        return true;
    }

    private static bool TryTrack(ReadOnlySpan<byte> trak, byte id, [NotNullWhen(true)] out TrackInfo? track)
    {
        track = null;
        if (!TryChild(ref trak, "mdia"u8, out var mdia) || !TryChild(ref mdia, "mdhd"u8, out var mdhd) || mdhd.Length < 24
            || !TryChild(ref mdia, "minf"u8, out var minf) || !TryChild(ref minf, "stbl"u8, out var stbl)
            || !TryChild(ref stbl, "stsd"u8, out var stsd) || stsd.Length < BoxHeaderBytes)
        {
            return false;
        }

        var entries = stsd[BoxHeaderBytes..];                                       // version, flags, entry_count
        if (!TryChild(ref entries, "avc1"u8, out var avc1) || avc1.Length < VisualSampleEntryBytes) return false;
        int width = BinaryPrimitives.ReadUInt16BigEndian(avc1[24..]);
        int height = BinaryPrimitives.ReadUInt16BigEndian(avc1[26..]);
        var extensions = avc1[VisualSampleEntryBytes..];
        if (!TryChild(ref extensions, "avcC"u8, out var avcC)) return false;

        int timescale = BinaryPrimitives.ReadInt32BigEndian(mdhd[12..]);            // version 0: behind two 32-bit times
        if (mdhd[0] != 0 || timescale <= 0) return false;
        track = new TrackInfo(id, CodecKind.H264, timescale, avcC.ToArray(), width, height);
        return true;
    }

    /// <summary>The next child of that type; <paramref name="rest"/> moves behind it.</summary>
    private static bool TryChild(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> type, out ReadOnlySpan<byte> content)
    {
        content = default;
        while (rest.Length >= BoxHeaderBytes)
        {
            uint size = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (size < BoxHeaderBytes || size > (uint)rest.Length) return false;
            var box = rest[..(int)size];
            rest = rest[(int)size..];
            if (!box[4..8].SequenceEqual(type)) continue;
            content = box[BoxHeaderBytes..];
            return true;
        }

        return false;
    }

    private static bool TryBox(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> type, out ReadOnlySpan<byte> content, out int size)
    {
        content = default;
        size = 0;
        if (bytes.Length < BoxHeaderBytes || !bytes[4..8].SequenceEqual(type)) return false;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (length < BoxHeaderBytes || length > (uint)bytes.Length) return false;
        size = (int)length;
        content = bytes[BoxHeaderBytes..size];
        return true;
    }
}
