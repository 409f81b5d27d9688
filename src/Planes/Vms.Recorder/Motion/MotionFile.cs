using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Motion;

/// <summary>
/// The motion grids of one closed segment, in a file beside it (docs/ref/motion-format.md). A search adds what it had to compute, so the
/// file may hold a part of the segment's grids. Written under another name and renamed; what cannot be read counts as not there.
/// </summary>
internal static class MotionFile
{
    public const string Extension = ".motion";

    /// <summary>While it is being written; one that a crash left is written over or goes with its segment.</summary>
    public const string UnfinishedExtension = Extension + ".tmp";

    /// <summary>Four hours and a half of one segment with a keyframe a second.</summary>
    public const int MaxGrids = 16_384;

    private const int EntryBytes = 20;
    private const int CellBytes = 2;
    private const int FooterBytes = 24;
    private const int MaxBytes = (MaxGrids * (EntryBytes + (CellBytes * MotionGrid.CellCount))) + FooterBytes;
    private const byte WholePicture = 1;

    private static ReadOnlySpan<byte> Magic => "VMSMOTN1"u8;

    public static string PathOf(string segmentPath) => Path.ChangeExtension(segmentPath, Extension);

    /// <summary>The grids that are stored; none when there is no whole file.</summary>
    public static async Task<IReadOnlyList<MotionGrid>> ReadAsync(string segmentPath, CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileInfo(PathOf(segmentPath));
            if (!file.Exists || file.Length is < FooterBytes or > MaxBytes) return [];
            return Parse(await File.ReadAllBytesAsync(file.FullName, cancellationToken));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Replaces what is stored.</summary>
    /// <param name="grids">In order of time; those above <see cref="MaxGrids"/> are left out.</param>
    /// <exception cref="IOException">The disk is full, or fails; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public static void Write(string segmentPath, IEnumerable<MotionGrid> grids)
    {
        using var body = new MemoryStream();
        int count = 0;
        foreach (var grid in grids.Take(MaxGrids))
        {
            Write(body, grid);
            count++;
        }

        Span<byte> footer = stackalloc byte[FooterBytes];
        BinaryPrimitives.WriteInt64LittleEndian(footer, body.Length);
        BinaryPrimitives.WriteInt32LittleEndian(footer[8..], count);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[12..], Crc32C.Of(body.GetBuffer().AsSpan(0, (int)body.Length)));
        Magic.CopyTo(footer[16..]);
        body.Write(footer);

        string unfinished = Path.ChangeExtension(segmentPath, UnfinishedExtension);
        try
        {
            using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.Delete))
                file.Write(body.GetBuffer().AsSpan(0, (int)body.Length));
            // Not made durable first: what a power cut leaves half of is seen by its checksum and made again.
            File.Move(unfinished, PathOf(segmentPath), overwrite: true);
        }
        catch
        {
            SegmentSidecars.DeleteIfThere(unfinished);
            throw;
        }
    }

    private static void Write(Stream body, MotionGrid grid)
    {
        Span<byte> entry = stackalloc byte[EntryBytes + (CellBytes * MotionGrid.CellCount)];
        int length = EntryBytes;
        for (int cell = 0; cell < grid.Cells.Length; cell++)
        {
            if (grid.Cells.Span[cell] is not (> 0 and var share)) continue;
            entry[length++] = (byte)cell;
            entry[length++] = share;
        }

        BinaryPrimitives.WriteInt64LittleEndian(entry, grid.BeforeUs);
        BinaryPrimitives.WriteInt64LittleEndian(entry[8..], grid.AfterUs);
        entry[16] = (byte)grid.Source;
        entry[17] = grid.IsWholePicture ? WholePicture : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(entry[18..], (ushort)((length - EntryBytes) / CellBytes));
        body.Write(entry[..length]);
    }

    private static List<MotionGrid> Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FooterBytes) return [];
        var body = bytes[..^FooterBytes];
        var footer = bytes[^FooterBytes..];
        int count = BinaryPrimitives.ReadInt32LittleEndian(footer[8..]);
        if (!footer[16..].SequenceEqual(Magic)
            || BinaryPrimitives.ReadInt64LittleEndian(footer) != body.Length
            || count is < 0 or > MaxGrids
            || BinaryPrimitives.ReadUInt32LittleEndian(footer[12..]) != Crc32C.Of(body))
        {
            return [];
        }

        var grids = new List<MotionGrid>(count);
        for (int i = 0; i < count; i++)
        {
            if (body.Length < EntryBytes) return [];
            int cells = BinaryPrimitives.ReadUInt16LittleEndian(body[18..]);
            if (cells > MotionGrid.CellCount || body.Length < EntryBytes + (cells * CellBytes)) return [];
            grids.Add(Read(body, cells));
            body = body[(EntryBytes + (cells * CellBytes))..];
        }

        return body.IsEmpty ? grids : [];
    }

    private static MotionGrid Read(ReadOnlySpan<byte> entry, int count)
    {
        byte[] cells = count == 0 ? [] : new byte[MotionGrid.CellCount];
        for (int i = 0; i < count; i++)
            cells[entry[EntryBytes + (i * CellBytes)]] = entry[EntryBytes + (i * CellBytes) + 1];
        return new MotionGrid(
            BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), cells,
            (MotionSource)entry[16], (entry[17] & WholePicture) != 0);
    }
}
