using System.Text;
using Vms.Hosting;

namespace Vms.Recorder.Archive;

/// <summary>
/// Is the folder of recordings the pool it was, or the empty place where that is mounted? The file <c>.index/pool</c> holds a random id, made
/// when the pool is first used; the installation remembers it as <c>state/pool.id</c>. While the two differ, a file that is not there is not
/// taken for lost. Any thread.
/// </summary>
internal sealed partial class PoolIdentity(ArchiveLayout layout, PlaneOptions options, ILogger<PoolIdentity> logger)
{
    private readonly string _marker = Path.Combine(layout.IndexPath, "pool");
    private readonly string _remembered = Path.Combine(options.StateDirectory, "pool.id");
    private readonly Lock _gate = new();
    private bool _told;

    /// <summary>False, and said once, when files may be missing only because the pool is not there.</summary>
    public bool IsThere()
    {
        lock (_gate)
        {
            if (WhyNot() is not { } why)
            {
                _told = false;
                return true;
            }

            if (!_told)
            {
                _told = true;
                Log.NotThere(logger, layout.Root, why, _remembered);
            }

            return false;
        }
    }

    private string? WhyNot()
    {
        try
        {
            string? known = Read(_remembered);
            string? found = Read(_marker);
            if (known is null)
            {
                // First use, of this pool or by this installation.
                found ??= Create();
                PrivateFiles.CreateDirectory(options.StateDirectory);
                PrivateFiles.Replace(_remembered, Encoding.ASCII.GetBytes(found));
                return null;
            }

            return found == known ? null : found is null ? "it has no .index/pool" : $"its .index/pool is {found}, not {known}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private string Create()
    {
        string id = Guid.NewGuid().ToString("N");
        PrivateFiles.Replace(_marker, Encoding.ASCII.GetBytes(id));
        return id;
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim() is { Length: > 0 } id ? id : null;
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
            "{Folder} is not the folder of recordings that it was ({Reason}); is the disk mounted? Nothing is taken for missing. If this is another disk on purpose, delete {Remembered}")]
        public static partial void NotThere(ILogger logger, string folder, string reason, string remembered);
    }
}
