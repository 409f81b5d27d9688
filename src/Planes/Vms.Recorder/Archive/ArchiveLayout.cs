using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Enumeration;

namespace Vms.Recorder.Archive;

/// <summary>Where things stand in the storage pools. A file's name alone says which segment it is, so that the index can be rebuilt from the
/// files, and it is the same in whichever pool the file stands. Any thread.</summary>
internal sealed class ArchiveLayout
{
    /// <summary>Journal and lock of the pool.</summary>
    public const string IndexFolder = ".index";

    /// <summary>Stills of events, beside the folders of the cameras.</summary>
    public const string EventsFolder = "events";

    /// <summary>In a stream's folder: the path of the segment being written and of the one before.</summary>
    public const string CurrentFile = "current";

    internal const string DayFormat = "yyyy-MM-dd";
    internal const string TimeFormat = "HHmmss";

    /// <summary>Between the pool's name and the path in it, for all pools but the main one. No camera's id has it.</summary>
    private const char PoolSeparator = ':';

    /// <summary>As <see cref="Directory.EnumerateFiles(string)"/> does it: nothing is hidden, and what cannot be read is no empty folder.</summary>
    private static readonly EnumerationOptions s_everyFile = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly ConcurrentDictionary<string, PoolRoot> _unknown = new(StringComparer.Ordinal);

    /// <param name="root">Of the main pool.</param>
    /// <param name="further">Pools beside it, those that segments are moved to last: what is moved while somebody lists the files is then seen
    /// at least once.</param>
    public ArchiveLayout(string root, params ReadOnlySpan<PoolRoot> further)
    {
        Main = new PoolRoot(PoolRoot.MainName, root);
        Roots = [Main, .. further];
    }

    public PoolRoot Main { get; }

    public IReadOnlyList<PoolRoot> Roots { get; }

    /// <summary>The pools that can be looked into now.</summary>
    public IEnumerable<PoolRoot> There => Roots.Where(r => r.IsThere);

    /// <summary>Folder of the main pool.</summary>
    public string Root => Main.Path;

    /// <summary>Was anything of this stream ever recorded, in a pool that can be looked into now?</summary>
    public bool IsRecorded(string cameraId, string stream) => There.Any(r => Directory.Exists(r.FolderOf(cameraId, stream)));

    public string IndexPath => Main.IndexPath;

    /// <summary>Where a segment stands in the main pool.</summary>
    public string PathOf(SegmentName segment) => Main.PathOf(segment);

    /// <summary>As stored in the index: relative to its pool, with '/' on every system, the pool's name in front unless it is the main one.</summary>
    public string Relative(string path)
    {
        var root = RootOf(path);
        return root.IsMain ? root.Relative(path) : $"{root.Name}{PoolSeparator}{root.Relative(path)}";
    }

    /// <summary>The path of what the index has; of a pool that is not configured any more a place where nothing is.</summary>
    public string Absolute(string relative)
    {
        int separator = relative.IndexOf(PoolSeparator, StringComparison.Ordinal);
        return separator < 0 ? Main.Absolute(relative) : RootNamed(relative[..separator]).Absolute(relative[(separator + 1)..]);
    }

    /// <summary>The pool that a path, absolute, is in; the main one for a path outside of all.</summary>
    public PoolRoot RootOf(string path)
    {
        foreach (var root in Roots)
        {
            if (!root.IsMain && root.Holds(path))
            {
                return root;
            }
        }

        // Asked for every name of a folder that is listed, and an empty dictionary's enumerator is an object, too.
        if (!_unknown.IsEmpty)
        {
            foreach (var (_, root) in _unknown)
            {
                if (root.Holds(path))
                {
                    return root;
                }
            }
        }

        return Main;
    }

    /// <summary>Where a segment's file is now: at this path, or at the same place in another pool after it was moved; this path when it is nowhere.</summary>
    public string Find(string path)
    {
        if (Roots.Count == 1 || File.Exists(path))
        {
            return path;
        }

        var home = RootOf(path);
        string relative = home.Relative(path);
        return There.Where(r => r != home).Select(r => r.Absolute(relative)).FirstOrDefault(File.Exists) ?? path;
    }

    public bool TryParse(string path, [NotNullWhen(true)] out SegmentName? segment)
    {
        segment = null;
        string[] parts = RootOf(path).Relative(path).Split('/');
        if (parts is not [var camera, var stream, var day, var file]
            || !TryParseFile(file, out var id, out var format)
            || !DateTimeOffset.TryParseExact(
                day + file[..TimeFormat.Length],
                DayFormat + TimeFormat,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var start))
        {
            return false;
        }

        segment = new SegmentName(camera, stream, start, id, format);
        return true;
    }

    /// <summary>Ids reach the file system: letters, digits, '-' and '_', at most 64.</summary>
    public static bool IsSafeName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Day folders of a stream in all pools that are there, oldest first; those of one day follow each other.</summary>
    public IReadOnlyList<string> Days(string cameraId, string stream) => OldestFirst(There.SelectMany(r => r.Days(cameraId, stream)));

    /// <summary>Day folders in the order of their days.</summary>
    public static IReadOnlyList<string> OldestFirst(IEnumerable<string> days) =>
        [.. days.OrderBy(day => System.IO.Path.GetFileName(day), StringComparer.Ordinal)];

    /// <summary>Segment files of a day folder, in name order; other files are passed over.</summary>
    public IReadOnlyList<(SegmentName Name, FileInfo File)> SegmentsOf(string dayFolder)
    {
        var found = new List<(SegmentName Name, FileInfo File)>();
        foreach (string path in Directory.EnumerateFiles(dayFolder).Where(static p => TryParseFormat(p, out _)))
        {
            if (TryParse(path, out var name))
            {
                found.Add((name, new FileInfo(path)));
            }
        }

        found.Sort(static (a, b) => string.CompareOrdinal(a.File.Name, b.File.Name));
        return found;
    }

    /// <summary>Sizes of a day folder's segment files in any order. Made for whoever looks often: of a file whose size is known only the name is looked
    /// at, where it stands in the folder's list, and nothing is allocated for it.</summary>
    /// <param name="known">Asked for each file before it is given: the size that it is known to have; null: look.</param>
    public static IEnumerable<(Guid Id, long Bytes)> SizesOf(string dayFolder, Func<Guid, long?> known) =>
        new FileSystemEnumerable<(Guid Id, long Bytes)>(
            dayFolder,
            (ref FileSystemEntry entry) =>
            {
                _ = TryParseFile(entry.FileName, out var id, out _);
                return (id, known(id) ?? new FileInfo(entry.ToFullPath()).Length);
            },
            s_everyFile)
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => TryParseFile(entry.FileName, out _, out _) && !entry.IsDirectory,
        };

    /// <summary>A pool that is in the index and not configured any more is one that is not there.</summary>
    private PoolRoot RootNamed(string name) =>
        Roots.FirstOrDefault(r => r.Name == name)
        ?? _unknown.GetOrAdd(
            IsSafeName(name) ? name : "unknown",
            static (n, index) => new PoolRoot(n, System.IO.Path.Combine(index, "away", n)) { IsThere = false },
            IndexPath);

    internal static string ExtensionOf(SegmentFormat format) => format == SegmentFormat.Matroska ? ".mkv" : ".mp4";

    /// <summary>The name of a segment's file without its folders; of the time it begins with only the length counts.</summary>
    private static bool TryParseFile(ReadOnlySpan<char> file, out Guid id, out SegmentFormat format)
    {
        id = default;
        return TryParseFormat(file, out format)
            && file.Length == TimeFormat.Length + 1 + 32 + ExtensionOf(format).Length
            && Guid.TryParseExact(file.Slice(TimeFormat.Length + 1, 32), "N", out id);
    }

    private static bool TryParseFormat(ReadOnlySpan<char> file, out SegmentFormat format)
    {
        format = file.EndsWith(ExtensionOf(SegmentFormat.Matroska), StringComparison.Ordinal) ? SegmentFormat.Matroska : SegmentFormat.Fmp4;
        return format == SegmentFormat.Matroska || file.EndsWith(ExtensionOf(format), StringComparison.Ordinal);
    }
}

/// <summary>What a segment's path says.</summary>
/// <param name="Start">Capture time of the first sample, to the second.</param>
/// <param name="Format">Of the file.</param>
internal sealed record SegmentName(string CameraId, string Stream, DateTimeOffset Start, Guid Id, SegmentFormat Format = SegmentFormat.Fmp4);

/// <summary>What a segment's file is for other programs; index and playback are the same.</summary>
internal enum SegmentFormat
{
    Fmp4,
    Matroska,
}
