using System.Text;
using Vms.Hosting;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Pools;

/// <summary>
/// The note which segment is being moved to another pool (<c>.index/moving</c> of the main pool): the pool it comes from, and the whole row that the
/// index gets. It is on the disk before the copy is begun and goes when the move is done; whatever a crash leaves is put right from it alone,
/// also while the database is away. One caller at a time.
/// </summary>
internal sealed class MoveNote(ArchiveLayout layout)
{
    /// <summary>A row with the fragment table of the longest segment, and a name.</summary>
    private const int MaxBytes = JournalCodec.MaxBodyBytes + 4096;

    /// <summary>Behind the name of the segment's file while it is copied: no segment's file.</summary>
    private const string UnfinishedExtension = ".moving";

    private readonly string _path = Path.Combine(layout.IndexPath, "moving");

    /// <exception cref="IOException">It cannot be written; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public void Write(SegmentMove move) =>
        PrivateFiles.Replace(_path, [.. Encoding.ASCII.GetBytes(move.From.Name + '\n'), .. JournalCodec.Encode(layout, new SegmentPut(move.Row))]);

    /// <summary>Null when nothing was being moved, or the note makes no sense.</summary>
    /// <exception cref="IOException">It cannot be read; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public SegmentMove? Read()
    {
        if (new FileInfo(_path) is not { Exists: true, Length: <= MaxBytes })
        {
            return null;
        }

        byte[] bytes = File.ReadAllBytes(_path);
        int end = Array.IndexOf(bytes, (byte)'\n');
        if (end < 0 || JournalCodec.Read(layout, bytes.AsSpan(end + 1), out var entry, out _) != JournalRecord.Good || entry is not SegmentPut put)
        {
            return null;
        }

        string name = Encoding.ASCII.GetString(bytes, 0, end);
        return layout.Roots.FirstOrDefault(r => r.Name == name) is { } from ? SegmentMove.Of(put.Segment, from, layout) : null;
    }

    /// <exception cref="IOException">It cannot be removed; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public void Clear() => File.Delete(_path);

    /// <summary>Where the copy stands until it is verified.</summary>
    public static string UnfinishedOf(string path) => path + UnfinishedExtension;
}

/// <summary>A segment on its way to another pool.</summary>
/// <param name="Row">As the index has it afterwards.</param>
/// <param name="From">The pool it comes from.</param>
/// <param name="OldPath">Its file there.</param>
internal sealed record SegmentMove(SegmentRow Row, PoolRoot From, string OldPath)
{
    public string NewPath => Row.Path;

    public string UnfinishedPath => MoveNote.UnfinishedOf(Row.Path);

    /// <param name="row">As the index has it afterwards: at the same place in its new pool.</param>
    public static SegmentMove Of(SegmentRow row, PoolRoot from, ArchiveLayout layout) =>
        new(row, from, from.Absolute(layout.RootOf(row.Path).Relative(row.Path)));
}
