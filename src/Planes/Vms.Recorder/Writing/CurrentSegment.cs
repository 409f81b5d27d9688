using Vms.Recorder.Archive;

namespace Vms.Recorder.Writing;

/// <summary>The note in a stream's folder of a pool which segment is being written there and which came before: where a restart looks first. File
/// times and names cannot tell, since both follow a wall clock that may be set back.</summary>
/// <remarks>One caller at a time.</remarks>
internal sealed class CurrentSegment(PoolRoot pool)
{
    private readonly Dictionary<string, string> _written = [];      // by note: the segment it says is being written, as far as this run knows

    /// <summary>Written before the segment's file is made: a note without a file points to the one before it.</summary>
    /// <exception cref="IOException">No room, or no access.</exception>
    public void Write(SegmentFile segment)
    {
        string note = pool.CurrentOf(segment.Name.CameraId, segment.Name.Stream);
        if (_written.TryGetValue(note, out string? path) && path == segment.Path && File.Exists(note))
        {
            return;     // its first fragment is tried again: what came before it stays in the note
        }

        string? before = Before(note, segment.Name).FirstOrDefault(p => p != segment.Path && File.Exists(p));
        Directory.CreateDirectory(Path.GetDirectoryName(note)!);
        string temporary = note + ".new";
        File.WriteAllLines(temporary, before is null ? [pool.Relative(segment.Path)] : [pool.Relative(segment.Path), pool.Relative(before)]);
        File.Move(temporary, note, overwrite: true);
        _written[note] = segment.Path;
    }

    private IReadOnlyList<string> Before(string note, SegmentName segment) =>
        _written.TryGetValue(note, out string? path) && File.Exists(path) ? [path] : Read(pool, segment.CameraId, segment.Stream);

    /// <summary>Candidates, newest first; none when there is no readable note.</summary>
    public static IReadOnlyList<string> Read(PoolRoot pool, string cameraId, string stream)
    {
        try
        {
            return [.. File.ReadAllLines(pool.CurrentOf(cameraId, stream)).Where(l => l.Length > 0).Select(pool.Absolute)];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
