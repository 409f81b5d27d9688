using System.Collections.Concurrent;
using System.Text;
using Vms.Hosting;

namespace Vms.Recorder.Archive;

/// <summary>
/// Is a pool's folder the pool it was, or the empty place where that is mounted? The file <c>.index/pool</c> holds a random id, made
/// when the pool is first used; the installation remembers it as <c>state/pool.id</c>, of further pools as <c>state/pool-NAME.id</c>. While the two
/// differ nothing is recorded there, and a file that is not there is not taken for lost. Any thread.
/// </summary>
internal sealed partial class PoolIdentity(ArchiveLayout layout, PlaneOptions options, ILogger<PoolIdentity> logger)
{
    /// <summary>More than an id and the line end that an editor leaves; of what is longer the beginning tells that it is none.</summary>
    private const int MaxIdBytes = 128;

    /// <summary>What a new file system brings along.</summary>
    private static readonly string[] s_ofNewDisk = [ArchiveLayout.IndexFolder, "lost+found"];

    private readonly ConcurrentDictionary<string, string> _told = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lock> _gates = new(StringComparer.Ordinal);      // a disk that does not answer holds up nobody else

    /// <summary>False when this file, absolute, may be missing only because its pool is not there.</summary>
    public bool IsThere(string path)
    {
        var root = layout.RootOf(path);
        return layout.Roots.Contains(root) && WhyNot(root) is null;
    }

    /// <summary>Why the folder is not the pool, said once in the log; null when it is.</summary>
    public string? WhyNot(PoolRoot root)
    {
        string? why;
        lock (_gates.GetOrAdd(root.Name, static _ => new Lock()))
        {
            why = Compare(root);
        }

        if (why is null)
        {
            _told.TryRemove(root.Name, out _);
        }
        else if (_told.TryAdd(root.Name, why))
        {
            Log.NotThere(logger, root.Path, why, RememberedOf(root));
        }

        return why;
    }

    private string? Compare(PoolRoot root)
    {
        try
        {
            string? known = Read(RememberedOf(root));
            string? found = Read(MarkerOf(root));
            if (known is null)
            {
                // First use, of this pool or by this installation.
                if (found is null && WhyNoFirstUse(root) is { } why)
                {
                    return why;
                }

                found ??= Create(root);
                PrivateFiles.CreateDirectory(options.StateDirectory);
                PrivateFiles.Replace(RememberedOf(root), Encoding.ASCII.GetBytes(found));
                return null;
            }

            return found == known ? null : found is null ? "it has no .index/pool" : $"its .index/pool is {found}, not {known}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>A folder that is not there yet may be one of a disk that is not mounted; one that holds something else is a mistake.</summary>
    private static string? WhyNoFirstUse(PoolRoot root) =>
        root.IsMain ? null
        : !Directory.Exists(root.Path) ? "there is no such folder; make it, on the disk that is meant"
        : Directory.EnumerateFileSystemEntries(root.Path).FirstOrDefault(e => !s_ofNewDisk.Contains(Path.GetFileName(e))) is { } other
            ? $"a pool begins with an empty folder, and in it is {Path.GetFileName(other)}"
            : null;

    private string RememberedOf(PoolRoot root) => Path.Combine(options.StateDirectory, root.IsMain ? "pool.id" : $"pool-{root.Name}.id");

    private static string MarkerOf(PoolRoot root) => Path.Combine(root.IndexPath, "pool");

    private static string Create(PoolRoot root)
    {
        string id = Guid.NewGuid().ToString("N");
        PrivateFiles.CreateDirectory(root.IndexPath);
        PrivateFiles.Replace(MarkerOf(root), Encoding.ASCII.GetBytes(id));
        return id;
    }

    private static string? Read(string path)
    {
        try
        {
            // Every second for every pool, and by everyone who misses a file: without the buffers of a text reader.
            Span<byte> bytes = stackalloc byte[MaxIdBytes];
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            int length = RandomAccess.Read(file, bytes, fileOffset: 0);
            return Encoding.UTF8.GetString(bytes[..length]).Trim() is { Length: > 0 } id ? id : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            3050, LogLevel.Error,
            "{Folder} is not the folder of recordings that it was ({Reason}); is the disk mounted? Nothing is recorded there, and nothing is taken for missing. If this is another disk on purpose, delete {Remembered}")]
        public static partial void NotThere(ILogger logger, string folder, string reason, string remembered);
    }
}
