using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Hosting.Motion;
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

    private const int FooterBytes = 24;
    private const int MaxBytes = (MaxGrids * MotionEntry.MaxBytes) + FooterBytes;

    // Searches and what is handed over: each adds to what the others have written. One lock for a file, shared with some of the others.
    private static readonly Lock[] s_writing = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];

    private static ReadOnlySpan<byte> Magic => "VMSMOTN1"u8;

    public static string PathOf(string segmentPath) => Path.ChangeExtension(segmentPath, Extension);

    /// <summary>The grids that are stored; none when there is no whole file.</summary>
    public static async Task<IReadOnlyList<MotionGrid>> ReadAsync(string segmentPath, CancellationToken cancellationToken)
    {
        try
        {
            return IsReadable(segmentPath) ? Parse(await File.ReadAllBytesAsync(PathOf(segmentPath), cancellationToken)) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Adds to what is stored. Of two grids between the same keyframes the one that is stored stays.</summary>
    /// <exception cref="IOException">The disk is full, or fails; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public static void Add(string segmentPath, IEnumerable<MotionGrid> grids)
    {
        lock (s_writing[(uint)segmentPath.GetHashCode(StringComparison.Ordinal) % s_writing.Length])
        {
            var all = new Dictionary<(long, long), MotionGrid>();
            foreach (var grid in (IsReadable(segmentPath) ? Parse(File.ReadAllBytes(PathOf(segmentPath))) : []).Concat(grids))
                all.TryAdd((grid.BeforeUs, grid.AfterUs), grid);
            Write(segmentPath, all.Values.OrderBy(g => g.BeforeUs).ThenBy(g => g.AfterUs));
        }

        // Retention removes a segment first and what is beside it then: one of the two sees what the other has done.
        if (!File.Exists(segmentPath)) SegmentSidecars.Delete(segmentPath);
    }

    /// <summary>Replaces what is stored.</summary>
    /// <param name="grids">In order of time; those above <see cref="MaxGrids"/> are left out.</param>
    /// <exception cref="IOException">The disk is full, or fails; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    internal static void Write(string segmentPath, IEnumerable<MotionGrid> grids)
    {
        using var body = new MemoryStream();
        int count = 0;
        Span<byte> entry = stackalloc byte[MotionEntry.MaxBytes];
        foreach (var grid in grids.Take(MaxGrids))
        {
            body.Write(entry[..MotionEntry.Write(grid, entry)]);
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

    private static bool IsReadable(string segmentPath) => new FileInfo(PathOf(segmentPath)) is { Exists: true, Length: >= FooterBytes and <= MaxBytes };

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
            if (MotionEntry.Read(body, out int length) is not { } grid) return [];
            grids.Add(grid);
            body = body[length..];
        }

        return body.IsEmpty ? grids : [];
    }
}
