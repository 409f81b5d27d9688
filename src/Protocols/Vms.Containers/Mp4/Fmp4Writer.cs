using System.Buffers;
using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>Init segments of fragmented MP4: `ftyp` (brands iso6, mp41, cmfc) + `moov`.</summary>
public static class Fmp4Writer
{
    /// <summary>The track_ID of a track in files and parts: its position in the table, from 1.</summary>
    public static uint TrackIdAt(int index) => (uint)index + 1;

    /// <summary>Whether a track of this codec can be stored.</summary>
    public static bool CanCarry(CodecKind codec) => SampleEntry.CanWrite(codec);

    /// <exception cref="NotSupportedException">A track's codec is not <see cref="CanCarry"/>.</exception>
    /// <param name="firstIndex">Position of the first one in the track table that fragments go by.</param>
    /// <param name="label">For files; streams need none.</param>
    public static void WriteInit(IBufferWriter<byte> destination, IReadOnlyList<TrackInfo> tracks, int firstIndex = 0, SegmentLabel? label = null)
    {
        var box = new BoxWriter();
        MovieHeaderWriter.Write(box, [.. tracks.Select(track => new[] { track })], presentation: null, firstIndex, label);
        destination.Write(box.Written);
    }

    /// <summary>As <see cref="WriteInit"/>, filled up to whole blocks by a <see cref="FreeBox"/>: how a file begins that fragments are stored in.</summary>
    public static byte[] StoredInit(IReadOnlyList<TrackInfo> tracks, SegmentLabel? label = null)
    {
        var init = new ArrayBufferWriter<byte>(FreeBox.BlockBytes);
        WriteInit(init, tracks, label: label);
        byte[] stored = new byte[init.WrittenCount + FreeBox.SizeBehind(init.WrittenCount)];
        init.WrittenSpan.CopyTo(stored);
        FreeBox.Write(stored.AsSpan(init.WrittenCount));
        return stored;
    }
}
