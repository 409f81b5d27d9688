using System.Globalization;

namespace Vms.Recorder.Archive;

/// <summary>The folder of one storage pool: <c>&lt;cameraId&gt;/&lt;stream&gt;/&lt;yyyy-MM-dd&gt;/&lt;HHmmss&gt;-&lt;segment id&gt;.mp4</c> (or <c>.mkv</c>), times in UTC.</summary>
internal sealed class PoolRoot(string name, string path)
{
    /// <summary>The pool that every installation has.</summary>
    public const string MainName = "main";

    private volatile bool _isThere = true;

    /// <summary>Letters, digits, '-' and '_'; stands in the index in front of the paths of all pools but the main one.</summary>
    public string Name { get; } = name;

    /// <summary>Absolute.</summary>
    public string Path { get; } = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));

    public bool IsMain => Name == MainName;

    /// <summary>False while the folder is not the pool, or does not answer: nothing is looked for in it then, and nothing of it counts as missing.</summary>
    public bool IsThere
    {
        get => _isThere;
        set => _isThere = value;
    }

    /// <summary>Marker and lock; of the main pool the journal, too.</summary>
    public string IndexPath => System.IO.Path.Combine(Path, ArchiveLayout.IndexFolder);

    public string FolderOf(string cameraId) => System.IO.Path.Combine(Path, cameraId);

    public string FolderOf(string cameraId, string stream) => System.IO.Path.Combine(Path, cameraId, stream);

    public string CurrentOf(string cameraId, string stream) => System.IO.Path.Combine(Path, cameraId, stream, ArchiveLayout.CurrentFile);

    public string PathOf(SegmentName segment) => System.IO.Path.Combine(
        Path,
        segment.CameraId,
        segment.Stream,
        segment.Start.UtcDateTime.ToString(ArchiveLayout.DayFormat, CultureInfo.InvariantCulture),
        $"{segment.Start.UtcDateTime.ToString(ArchiveLayout.TimeFormat, CultureInfo.InvariantCulture)}-{segment.Id:N}{ArchiveLayout.ExtensionOf(segment.Format)}");

    /// <summary>Is this path, absolute, in the pool's folder?</summary>
    public bool Holds(string path) =>
        path.Length > Path.Length && path[Path.Length] == System.IO.Path.DirectorySeparatorChar && path.StartsWith(Path, StringComparison.Ordinal);

    /// <summary>With '/' on every system.</summary>
    public string Relative(string path) => System.IO.Path.GetRelativePath(Path, path).Replace(System.IO.Path.DirectorySeparatorChar, '/');

    public string Absolute(string relative) => System.IO.Path.Combine(Path, relative.Replace('/', System.IO.Path.DirectorySeparatorChar));

    /// <summary>Cameras that have ever been recorded here.</summary>
    /// <exception cref="IOException">The pool's own folder cannot be read.</exception>
    public IReadOnlyList<string> Cameras() => [.. NamesIn(Path).Where(name => name != ArchiveLayout.EventsFolder)];

    /// <summary>Streams of a camera that have ever been recorded here.</summary>
    public IReadOnlyList<string> StreamsOf(string cameraId) => NamesIn(FolderOf(cameraId));

    /// <summary>Day folders of a stream, oldest first.</summary>
    public IReadOnlyList<string> Days(string cameraId, string stream)
    {
        try
        {
            string[] days = Directory.GetDirectories(FolderOf(cameraId, stream));
            Array.Sort(days, StringComparer.Ordinal);
            return days;
        }
        catch (DirectoryNotFoundException)
        {
            return [];      // not recorded yet; one that may not be looked at is another matter
        }
    }

    private static List<string> NamesIn(string folder) =>
        [.. Directory.EnumerateDirectories(folder).Select(f => System.IO.Path.GetFileName(f)).Where(ArchiveLayout.IsSafeName)];
}
