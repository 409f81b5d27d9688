using System.Buffers.Binary;
using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>
/// A file that leaves the archive: `ftyp`, an `mdat` with parts of segment files byte for byte (their init segment, then fragments), and a `moov` whose tables
/// point at the samples inside of them. Any player takes it for an ordinary MP4; whoever verifies finds the chain, the signatures and all that they cover
/// where the recorder put them (docs/design/exports.md). Collects the tables while the fragments are copied; one caller at a time.
/// </summary>
/// <param name="tracks">Of all fragments.</param>
public sealed class ExportedMovie(IReadOnlyList<TrackInfo> tracks, SegmentLabel label)
{
    /// <summary>`ftyp`, and the header of `mdat` with a 64-bit size: where the first part begins.</summary>
    public const int HeadBytes = FileTypeBytes + MediaHeaderBytes;

    private const int FileTypeBytes = 28;
    private const int MediaHeaderBytes = 16;
    private const uint WithOffsets = 0x0F01;
    private const uint WithoutOffsets = 0x0701;
    private const uint NonSync = 0x0001_0000;

    private readonly SampleTable[] _tables = [.. tracks.Select(t => new SampleTable(t))];

    /// <param name="mediaBytes">Of all parts.</param>
    public static byte[] Head(long mediaBytes)
    {
        var box = new BoxWriter(HeadBytes);
        int ftyp = box.Begin("ftyp"u8);
        box.Bytes("isom"u8);            // major brand
        box.U32(0);                     // minor version
        box.Bytes("isomiso4mp41"u8);
        box.End(ftyp);
        box.U32(1);                     // the size follows the type
        box.Bytes("mdat"u8);
        box.U64((ulong)(MediaHeaderBytes + mediaBytes));
        return box.Written.ToArray();
    }

    /// <param name="fragment">As it is stored, and good.</param>
    /// <param name="position">Of its first byte in the file.</param>
    /// <param name="shiftTicks">File time = media time of the segment + this; 90 kHz.</param>
    /// <returns>False when this is not a fragment that <see cref="Fmp4FragmentBuilder"/> wrote for such tracks.</returns>
    public bool TryAdd(ReadOnlySpan<byte> fragment, long position, long shiftTicks)
    {
        if (!FragmentHeader.TryRead(fragment, out _)) return false;
        int moofStart = FragmentHeader.SizeAt(fragment);
        var top = new BoxReader(fragment[moofStart..]);
        if (!top.Next() || !top.Is("moof"u8)) return false;
        var moof = new BoxReader(top.Payload);
        while (moof.Next("traf"u8))
        {
            if (!TryAddTrack(moof.Payload, fragment.Length - moofStart, position + moofStart, shiftTicks)) return false;
        }

        return true;
    }

    /// <summary>The `moov`: stands behind the last part.</summary>
    /// <param name="shownFromTicks">File time at which the presentation begins; 90 kHz.</param>
    /// <param name="shownToTicks">And where it ends.</param>
    public byte[] Movie(long shownFromTicks, long shownToTicks)
    {
        var box = new BoxWriter(4096);
        int moov = box.Begin("moov"u8);
        ExportedMovieWriter.WriteMovieHeader(box, shownToTicks - shownFromTicks, nextTrackId: Fmp4Writer.TrackIdAt(_tables.Length));
        for (int i = 0; i < _tables.Length; i++)
        {
            // A track without a sample in this range is not there.
            if (_tables[i].Count > 0) ExportedMovieWriter.WriteTrack(box, Fmp4Writer.TrackIdAt(i), _tables[i], shownFromTicks, shownToTicks);
        }

        label.Write(box);
        box.End(moov);
        return box.Written.ToArray();
    }

    private bool TryAddTrack(ReadOnlySpan<byte> traf, int bytes, long moofPosition, long shiftTicks)
    {
        if (!BoxReader.TryFind(traf, "tfhd"u8, out var tfhd) || tfhd.Length < 8
            || !BoxReader.TryFind(traf, "tfdt"u8, out var tfdt) || tfdt.Length != 12
            || !BoxReader.TryFind(traf, "trun"u8, out var trun) || trun.Length < 12)
        {
            return false;
        }

        uint index = BinaryPrimitives.ReadUInt32BigEndian(tfhd[4..]) - Fmp4Writer.TrackIdAt(0);
        uint flags = BinaryPrimitives.ReadUInt32BigEndian(trun) & 0xFFFFFF;
        uint count = BinaryPrimitives.ReadUInt32BigEndian(trun[4..]);
        uint offset = BinaryPrimitives.ReadUInt32BigEndian(trun[8..]);
        int entryBytes = flags == WithOffsets ? 16 : 12;
        if (index >= _tables.Length || flags is not (WithOffsets or WithoutOffsets) || count == 0 || trun.Length != 12 + count * (long)entryBytes) return false;

        var table = _tables[(int)index];
        long decodeTime = BinaryPrimitives.ReadInt64BigEndian(tfdt[4..])
            + MediaTime.Rescale(shiftTicks, FragmentEntry.TicksPerSecond, table.Track.Timescale);
        table.BeginChunk(moofPosition + offset, (int)count);
        long end = offset;
        for (var entries = trun[12..]; !entries.IsEmpty; entries = entries[entryBytes..])
        {
            int duration = BinaryPrimitives.ReadInt32BigEndian(entries);
            uint size = BinaryPrimitives.ReadUInt32BigEndian(entries[4..]);
            end += size;
            table.Add(
                decodeTime, duration, (int)size, flags == WithOffsets ? BinaryPrimitives.ReadInt32BigEndian(entries[12..]) : 0,
                (BinaryPrimitives.ReadUInt32BigEndian(entries[8..]) & NonSync) == 0);
            decodeTime += duration;
        }

        return end <= bytes;
    }
}
