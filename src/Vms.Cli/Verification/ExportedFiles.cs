using System.IO.Enumeration;
using Vms.Containers.Integrity;
using Vms.Containers.Zip;

namespace Vms.Cli.Verification;

/// <summary>The files of an export, as they came: a folder, or the ZIP.</summary>
internal sealed class ExportedFiles
{
    private const string ZipExtension = ".zip";

    private readonly Dictionary<string, Func<Stream>> _files;

    private ExportedFiles(string name, Dictionary<string, Func<Stream>> files)
    {
        Name = name;
        _files = files;
    }

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>Whole, with the folders in it: a file in another place is another file.</summary>
    public IEnumerable<string> Names => _files.Keys;

    /// <summary>Null when the path is that of recordings.</summary>
    /// <param name="path">A ZIP, a manifest, or a folder with one.</param>
    /// <exception cref="InvalidDataException">The ZIP cannot be used; the message is for the user.</exception>
    public static ExportedFiles? At(string path)
    {
        if (Path.GetFileName(path) == ExportManifest.FileName && File.Exists(path))
            path = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (File.Exists(Path.Combine(path, ExportManifest.FileName)))
            return new ExportedFiles(path, InFolder(path).ToDictionary(f => Path.GetRelativePath(path, f).Replace(Path.DirectorySeparatorChar, '/'), f => new Func<Stream>(() => Open(f))));
        return string.Equals(Path.GetExtension(path), ZipExtension, StringComparison.OrdinalIgnoreCase) && File.Exists(path) ? InZip(path) : null;
    }

    /// <summary>Null when there is no such file. The caller disposes it.</summary>
    /// <exception cref="IOException">It cannot be read; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public Stream? Find(string name) => _files.GetValueOrDefault(name)?.Invoke();

    private static ExportedFiles InZip(string path)
    {
        try
        {
            using var zip = Open(path);
            var stored = ZipReader.Read(zip);
            // Whoever unpacks it gets one of the two, and maybe not the one that was looked at here.
            var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            if (stored.FirstOrDefault(f => !seen.Add(f.Name.Normalize().Replace('\\', '/'))) is { } twice)
                throw new InvalidDataException($"{twice.Name} is in it twice: only one of the two can belong to the export");
            return new ExportedFiles(path, stored.ToDictionary(f => f.Name, f => new Func<Stream>(() => new StreamSlice(Open(path), f.Offset, f.Bytes))));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException(TerminalText.Of($"{path}: {e.Message}"), e);
        }
    }

    /// <summary>All of it: an export has no folders, so that what is in one does not belong to it.</summary>
    private static FileSystemEnumerable<string> InFolder(string path) =>
        new(path, (ref FileSystemEntry file) => file.ToFullPath(), new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false })
        {
            ShouldIncludePredicate = (ref FileSystemEntry file) => !file.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry folder) => !folder.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
}
