using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>Reads back what <see cref="Fmp4Writer.WriteInit"/> wrote: for a segment whose index row is lost. Safe for any input.</summary>
public static class Fmp4InitReader
{
    /// <summary>An init segment is some hundred bytes; nobody needs to offer more than this of a file.</summary>
    public const int MaxInitBytes = 64 * 1024;

    /// <param name="fileStart">The first bytes of the file; more than the init segment is fine.</param>
    /// <param name="tracks">In the order of their track_ID.</param>
    /// <param name="initBytes">Length of `ftyp` + `moov` and the `free` that fills their block: where the first fragment begins.</param>
    public static bool TryRead(ReadOnlySpan<byte> fileStart, [NotNullWhen(true)] out IReadOnlyList<TrackInfo>? tracks, out int initBytes)
    {
        tracks = null;
        initBytes = 0;
        var reader = new BoxReader(fileStart[..Math.Min(fileStart.Length, MaxInitBytes)]);
        if (!reader.Next() || !reader.Is("ftyp"u8) || !reader.Next() || !reader.Is("moov"u8)) return false;

        initBytes = reader.PayloadOffset + reader.Payload.Length;
        var found = new List<TrackInfo>();
        var moov = new BoxReader(reader.Payload);
        while (moov.Next("trak"u8))
        {
            if (found.Count == FragmentHeader.MaxTracks || !TryReadTrack(moov.Payload, (byte)found.Count, out var track)) return false;
            found.Add(track);
        }

        if (reader.Next() && reader.Is("free"u8)) initBytes = reader.PayloadOffset + reader.Payload.Length;
        tracks = found;
        return found.Count > 0;
    }

    private static bool TryReadTrack(ReadOnlySpan<byte> trak, byte id, [NotNullWhen(true)] out TrackInfo? track)
    {
        track = null;
        if (!BoxReader.TryFind(trak, "mdiamdhd"u8, out var mdhd) || mdhd.Length < 16
            || !BoxReader.TryFind(trak, "mdiaminfstblstsd"u8, out var stsd) || stsd.Length < 8)
        {
            return false;
        }

        int timescale = BinaryPrimitives.ReadInt32BigEndian(mdhd[12..]);
        var entry = new BoxReader(stsd[8..]);
        if (timescale <= 0 || !entry.Next()) return false;
        return SampleEntry.TryRead(entry, id, timescale, out track);
    }
}
