using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vms.Recorder.Archive;

/// <summary>Where things stand in a pool: <c>&lt;cameraId&gt;/&lt;stream&gt;/&lt;yyyy-MM-dd&gt;/&lt;HHmmss&gt;-&lt;segment id&gt;.mp4</c> (or <c>.mkv</c>), times in UTC.
/// The name alone says which segment a file is, so that the index can be rebuilt from the files.</summary>
internal sealed class ArchiveLayout(string root)
{
    /// <summary>Journal and lock of the pool.</summary>
    public const string IndexFolder = ".index";

    /// <summary>In a stream's folder: the path of the segment being written and of the one before.</summary>
    public const string CurrentFile = "current";

    private const string DayFormat = "yyyy-MM-dd";
    private const string TimeFormat = "HHmmss";

    public string Root { get; } = System.IO.Path.GetFullPath(root);

    public string IndexPath => System.IO.Path.Combine(Root, IndexFolder);

    public string FolderOf(string cameraId) => System.IO.Path.Combine(Root, cameraId);

    public string FolderOf(string cameraId, string stream) => System.IO.Path.Combine(Root, cameraId, stream);

    public string CurrentOf(string cameraId, string stream) => System.IO.Path.Combine(Root, cameraId, stream, CurrentFile);

    public string PathOf(SegmentName segment) => System.IO.Path.Combine(
        Root,
        segment.CameraId,
        segment.Stream,
        segment.Start.UtcDateTime.ToString(DayFormat, CultureInfo.InvariantCulture),
        $"{segment.Start.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}-{segment.Id:N}{ExtensionOf(segment.Format)}");

    /// <summary>As stored in the index: relative to the pool, with '/' on every system.</summary>
    public string Relative(string path) =>
        System.IO.Path.GetRelativePath(Root, path).Replace(System.IO.Path.DirectorySeparatorChar, '/');

    public string Absolute(string relative) =>
        System.IO.Path.Combine(Root, relative.Replace('/', System.IO.Path.DirectorySeparatorChar));

    public bool TryParse(string path, [NotNullWhen(true)] out SegmentName? segment)
    {
        segment = null;
        string[] parts = Relative(path).Split('/');
        if (parts is not [var camera, var stream, var day, var file]
            || !TryParseFormat(file, out var format)
            || file.Length != TimeFormat.Length + 1 + 32 + ExtensionOf(format).Length
            || !Guid.TryParseExact(file.AsSpan(TimeFormat.Length + 1, 32), "N", out var id)
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

    /// <summary>Cameras that have ever been recorded here.</summary>
    public IReadOnlyList<string> Cameras() => NamesIn(Root);

    /// <summary>Streams of a camera that have ever been recorded.</summary>
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

    /// <summary>Segment files of a day folder, in name order; other files are passed over.</summary>
    public IReadOnlyList<(SegmentName Name, FileInfo File)> SegmentsOf(string dayFolder)
    {
        var found = NamesOf(dayFolder).Select(s => (s.Name, File: new FileInfo(s.Path))).ToList();
        found.Sort(static (a, b) => string.CompareOrdinal(a.File.Name, b.File.Name));
        return found;
    }

    /// <summary>The same in any order, without a look at the files: a folder lists hundreds of names in the time that one file takes.</summary>
    public IEnumerable<(SegmentName Name, string Path)> NamesOf(string dayFolder)
    {
        foreach (string path in Directory.EnumerateFiles(dayFolder).Where(static p => TryParseFormat(p, out _)))
        {
            if (TryParse(path, out var name))
            {
                yield return (name, path);
            }
        }
    }

    private static string ExtensionOf(SegmentFormat format) => format == SegmentFormat.Matroska ? ".mkv" : ".mp4";

    private static bool TryParseFormat(string file, out SegmentFormat format)
    {
        format = file.EndsWith(ExtensionOf(SegmentFormat.Matroska), StringComparison.Ordinal) ? SegmentFormat.Matroska : SegmentFormat.Fmp4;
        return format == SegmentFormat.Matroska || file.EndsWith(ExtensionOf(format), StringComparison.Ordinal);
    }

    private static List<string> NamesIn(string folder) =>
        [.. Directory.EnumerateDirectories(folder).Select(f => System.IO.Path.GetFileName(f)).Where(IsSafeName)];
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
