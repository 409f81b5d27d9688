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
    public static void WriteInit(IBufferWriter<byte> destination, IReadOnlyList<TrackInfo> tracks)
    {
        var box = new BoxWriter();
        MovieHeaderWriter.Write(box, [.. tracks.Select(track => new[] { track })], presentation: null);
        destination.Write(box.Written);
    }
}
