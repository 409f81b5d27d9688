using System.Globalization;
using Vms.Containers.AtRest;
using Vms.Containers.Mp4;

namespace Vms.Cli.Verification;

/// <summary>The recorded files of one stream, in recording order.</summary>
/// <param name="Name">Of the stream, for people: the folder that the files' names are told from.</param>
/// <param name="Source">Camera and stream, <c>camera/stream</c>; empty when neither the files nor their folders say.</param>
internal sealed record RecordedFiles(string Name, string Source, IReadOnlyList<RecordedFile> Files)
{
    private static readonly string[] s_extensions = [".mp4", ".mkv"];

    /// <summary>By what the files say in their hashed part.</summary>
    public bool IsFromDevice => Files.Any(f => f.IsFromDevice);

    private const string DayFormat = "yyyy-MM-dd";
    private const string TimeFormat = "HHmmss";

    /// <summary>Files, and what is in folders, by the stream that they belong to.</summary>
    /// <exception cref="InvalidDataException">There is nothing at a path; the message is for the user.</exception>
    public static IReadOnlyList<RecordedFiles> At(IEnumerable<string> paths) =>
    [
        .. paths.SelectMany(Under).Distinct().Select(Look).GroupBy(KeyOf).SelectMany(ApartIfCopied)
            .Select(g => new RecordedFiles(NameOf(g), g.First().Source, [.. g.OrderBy(f => f.Id).ThenBy(f => f.Path, StringComparer.Ordinal)]))
            .OrderBy(f => f.Name, StringComparer.Ordinal).ThenBy(f => f.Source, StringComparer.Ordinal),
    ];

    /// <summary>In an archive, a stream's files stand in a folder of each storage pool: they belong together, wherever the folders are. Files from
    /// elsewhere, copied together or not, are told apart by their folder, too.</summary>
    private static (string Folder, string Source) KeyOf(RecordedFile file)
    {
        string folder = StreamFolderOf(file.Path);
        bool inArchive = file.Source.Length > 0 && folder != Path.GetDirectoryName(file.Path)
            && file.Source == $"{Path.GetFileName(Path.GetDirectoryName(folder))}/{Path.GetFileName(folder)}";
        return (inArchive ? "" : folder, file.Source);
    }

    /// <summary>A segment stands in one pool: one that is there twice is a copy, and so is its folder.</summary>
    private static IEnumerable<IEnumerable<RecordedFile>> ApartIfCopied(IEnumerable<RecordedFile> files) =>
        files.GroupBy(f => f.Id).Any(same => same.Key != Guid.Empty && same.Skip(1).Any()) ? files.GroupBy(f => StreamFolderOf(f.Path)) : [files];

    private static string NameOf(IEnumerable<RecordedFile> files) => StreamFolderOf(files.First().Path);

    /// <summary>Of a camera in the archive, those from the first to the last that may hold something of a range: nothing is left out between them,
    /// whatever the wall clock did.</summary>
    /// <exception cref="InvalidDataException">The camera has no recordings then; the message is for the user.</exception>
    /// <param name="pools">Folders of the storage pools, the main one first; one that has nothing of the camera is passed over.</param>
    public static IReadOnlyList<RecordedFiles> Of(IReadOnlyList<string> pools, string cameraId, string stream, DateTimeOffset from, DateTimeOffset to)
    {
        string folder = Path.Combine(pools[0], cameraId, stream);
        var folders = pools.Select(p => Path.Combine(p, cameraId, stream)).Where(f => Directory.Exists(f)).ToList();
        var found = At(folders.Count > 0 ? folders : [folder]);
        // A segment that is being moved to another pool stands in both: either is the one, and the other may be gone in a moment.
        var all = found[0] with
        {
            Files =
            [
                .. found.SelectMany(f => f.Files).OrderBy(f => f.Id).ThenBy(f => f.Path, StringComparer.Ordinal)
                    .GroupBy(f => f.Id == Guid.Empty ? f.Path : f.Id.ToString()).Select(same => same.FirstOrDefault(f => File.Exists(f.Path), same.First())),
            ],
        };
        // A file ends where the next one begins, or before; the next by the wall clock, or by recording order where that was set back.
        var starts = all.Files.Select(f => StartOf(f.Path)).ToList();
        bool Touches(int i) => starts[i] < to && (i + 1 == starts.Count || starts[i + 1] > from || starts[i + 1] < starts[i]);
        int first = Enumerable.Range(0, starts.Count).FirstOrDefault(Touches, -1);
        int last = Enumerable.Range(0, starts.Count).LastOrDefault(Touches, -1);
        return first >= 0
            ? [all with { Files = [.. all.Files.Take(last + 1).Skip(first)] }]
            : throw new InvalidDataException($"nothing was recorded between {from:u} and {to:u} in {folder}");
    }

    private static IEnumerable<string> Under(string path)
    {
        path = Path.GetFullPath(path);
        if (File.Exists(path))
            return [path];
        var found = Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(f => s_extensions.Contains(Path.GetExtension(f))).ToList() : [];
        return found.Count > 0 ? found : throw new InvalidDataException($"there are no recordings at {path}");
    }

    /// <summary>What a file says it is, or else its name and place.</summary>
    private static RecordedFile Look(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            byte[] start = new byte[Math.Min(file.Length, Fmp4InitReader.MaxInitBytes)];
            var bytes = start.AsSpan(0, file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
            MatroskaHead.Restore(bytes);
            if (SegmentLabel.TryRead(bytes, out string camera, out string stream, out var id))
                return new RecordedFile(path, $"{camera}/{stream}", id) { IsFromDevice = SegmentLabel.SourceIn(bytes) == SegmentLabel.FromDevice };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Reported when it is its turn.
        }

        string folder = StreamFolderOf(path);
        return new RecordedFile(
            path,
            folder != Path.GetDirectoryName(path) ? $"{Path.GetFileName(Path.GetDirectoryName(folder))}/{Path.GetFileName(folder)}" : "",
            IdOf(path));
    }

    /// <summary>In the archive a stream has a folder a day.</summary>
    private static string StreamFolderOf(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        return IsDay(Path.GetFileName(folder)) ? Path.GetDirectoryName(folder)! : folder;
    }

    private static bool IsDay(string folder) => DateOnly.TryParseExact(folder, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary>The id in the name ascends whatever the wall clock did.</summary>
    private static Guid IdOf(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        return name.Length > TimeFormat.Length && Guid.TryParseExact(name[(TimeFormat.Length + 1)..], "N", out var id) ? id : Guid.Empty;
    }

    private static DateTimeOffset StartOf(string path) => DateTimeOffset.TryParseExact(
        Path.GetFileName(Path.GetDirectoryName(path)) + Path.GetFileName(path)[..Math.Min(TimeFormat.Length, Path.GetFileName(path).Length)],
        DayFormat + TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start) ? start : DateTimeOffset.MinValue;
}

/// <param name="Source">As <see cref="RecordedFiles.Source"/>.</param>
/// <param name="Id">Of the segment, ascending in a stream; empty when it is not known.</param>
internal sealed record RecordedFile(string Path, string Source, Guid Id)
{
    /// <summary>The camera's device had recorded it, and it was fetched from there.</summary>
    public bool IsFromDevice { get; init; }
}
