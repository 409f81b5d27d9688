using System.Globalization;

namespace Vms.Cli.Verification;

/// <summary>The recorded files of one stream, in recording order.</summary>
/// <param name="Name">Of the stream, for people.</param>
internal sealed record RecordedFiles(string Name, IReadOnlyList<string> Paths)
{
    private const string Extension = ".mp4";
    private const string DayFormat = "yyyy-MM-dd";
    private const string TimeFormat = "HHmmss";

    /// <summary>Files, and what is in folders, by the stream that they belong to.</summary>
    /// <exception cref="FormatException">There is nothing at a path; the message is for the user.</exception>
    public static IReadOnlyList<RecordedFiles> At(IEnumerable<string> paths) =>
    [
        .. paths.SelectMany(Under).Distinct().GroupBy(StreamFolderOf).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new RecordedFiles(g.Key, [.. g.OrderBy(OrderOf, StringComparer.Ordinal)])),
    ];

    /// <summary>Of a camera in the archive, those that may hold something of a range.</summary>
    /// <exception cref="FormatException">The camera has no recordings; the message is for the user.</exception>
    public static IReadOnlyList<RecordedFiles> Of(string archive, string cameraId, string stream, DateTimeOffset from, DateTimeOffset to)
    {
        string folder = Path.Combine(archive, cameraId, stream);
        var all = At([folder])[0].Paths;
        // A file ends where the next one begins, or before.
        var wanted = all.Where((path, i) => StartOf(path) < to && (i + 1 == all.Count || StartOf(all[i + 1]) > from)).ToList();
        return wanted.Count > 0 ? [new RecordedFiles(folder, wanted)] : throw new FormatException($"nothing was recorded between {from:u} and {to:u} in {folder}");
    }

    private static IEnumerable<string> Under(string path)
    {
        path = Path.GetFullPath(path);
        if (File.Exists(path))
            return [path];
        var found = Directory.Exists(path) ? Directory.EnumerateFiles(path, "*" + Extension, SearchOption.AllDirectories).ToList() : [];
        return found.Count > 0 ? found : throw new FormatException($"there are no recordings at {path}");
    }

    /// <summary>In the archive a stream has a folder a day.</summary>
    private static string StreamFolderOf(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        return IsDay(Path.GetFileName(folder)) ? Path.GetDirectoryName(folder)! : folder;
    }

    private static bool IsDay(string folder) => DateOnly.TryParseExact(folder, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary>By the id in the name, which ascends whatever the wall clock did; by name where there is none.</summary>
    private static string OrderOf(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        int id = name.IndexOf('-', StringComparison.Ordinal);
        return id == TimeFormat.Length && Guid.TryParseExact(name[(id + 1)..], "N", out _) ? name[(id + 1)..] : name;
    }

    private static DateTimeOffset StartOf(string path) => DateTimeOffset.TryParseExact(
        Path.GetFileName(Path.GetDirectoryName(path)) + Path.GetFileName(path)[..Math.Min(TimeFormat.Length, Path.GetFileName(path).Length)],
        DayFormat + TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start) ? start : DateTimeOffset.MinValue;
}
