using Vms.Recorder.Archive;

namespace Vms.Recorder.Writing;

/// <summary>The note in a stream's folder which segment is being written and which came before: where a restart looks first. File
/// times and names cannot tell, since both follow a wall clock that may be set back.</summary>
internal static class CurrentSegment
{
    /// <summary>Written before the segment's file is made: a note without a file points to the one before it.</summary>
    /// <exception cref="IOException">No room, or no access.</exception>
    public static void Write(ArchiveLayout layout, SegmentFile segment)
    {
        string note = layout.CurrentOf(segment.Name.CameraId, segment.Name.Stream);
        string? before = Read(layout, segment.Name.CameraId, segment.Name.Stream).FirstOrDefault(p => p != segment.Path && File.Exists(p));
        Directory.CreateDirectory(Path.GetDirectoryName(note)!);
        string temporary = note + ".new";
        File.WriteAllLines(temporary, before is null ? [layout.Relative(segment.Path)] : [layout.Relative(segment.Path), layout.Relative(before)]);
        File.Move(temporary, note, overwrite: true);
    }

    /// <summary>Candidates, newest first; none when there is no readable note.</summary>
    public static IReadOnlyList<string> Read(ArchiveLayout layout, string cameraId, string stream)
    {
        try
        {
            return [.. File.ReadAllLines(layout.CurrentOf(cameraId, stream)).Where(l => l.Length > 0).Select(layout.Absolute)];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
