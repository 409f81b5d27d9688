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

    public IEnumerable<string> Names => _files.Keys;

    /// <summary>Null when the path is that of recordings.</summary>
    /// <param name="path">A ZIP, a manifest, or a folder with one.</param>
    /// <exception cref="InvalidDataException">The ZIP cannot be used; the message is for the user.</exception>
    public static ExportedFiles? At(string path)
    {
        if (Path.GetFileName(path) == ExportManifest.FileName && File.Exists(path))
            path = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (File.Exists(Path.Combine(path, ExportManifest.FileName)))
            return new ExportedFiles(path, Directory.GetFiles(path).ToDictionary(f => Path.GetFileName(f), f => new Func<Stream>(() => Open(f))));
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
            return new ExportedFiles(path, ZipReader.Read(zip).GroupBy(f => f.Name).ToDictionary(
                g => g.Key, g => new Func<Stream>(() => new StreamSlice(Open(path), g.First().Offset, g.First().Bytes))));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
}
