using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Vms.Native.Files;

namespace Vms.StreamLog;

/// <summary>
/// The directory with the stream logs of one installation, private to its account. <c>VMS_RING_DIR</c> names it; otherwise Linux uses
/// shared memory and Windows ProgramData, with a hash of the data directory in the name so that installations do not meet.
/// Every plane of an installation finds the same one.
/// </summary>
public sealed partial class StreamLogDirectory
{
    /// <summary>Below this /dev/shm holds too few logs to be of use (containers get 64 MiB by default).</summary>
    internal const long SharedMemoryMinBytes = 256 << 20;

    private const string SharedMemory = "/dev/shm";
    private const string LogExtension = ".ring";

    /// <exception cref="IOException">The directory belongs to somebody else or is a link.</exception>
    public StreamLogDirectory(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        PrivateDirectory.Ensure(Path);
    }

    public string Path { get; }

    /// <summary>Why the logs are not in shared memory; null when they are, or when <c>VMS_RING_DIR</c> chose.</summary>
    public string? FallbackReason { get; private init; }

    public static StreamLogDirectory ForData(string dataDirectory, ILogger? logger = null)
    {
        string? chosen = Environment.GetEnvironmentVariable("VMS_RING_DIR");
        if (!string.IsNullOrEmpty(chosen))
            return new StreamLogDirectory(chosen);

        string data = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(dataDirectory));
        if (Directory.Exists(data))
            data = new DirectoryInfo(data).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? data;
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data)))[..16];
        if (OperatingSystem.IsWindows())
            return new StreamLogDirectory(System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "vms", "rings", hash));

        string? reason = OperatingSystem.IsLinux() ? WhyNotSharedMemory() : "this system has no /dev/shm";
        if (reason is null)
            return new StreamLogDirectory($"{SharedMemory}/vms-{hash}");

        var fallback = new StreamLogDirectory(System.IO.Path.Combine(data, "rings")) { FallbackReason = reason };
        if (logger is not null)
            Log.NotInSharedMemory(logger, fallback.Path, reason);
        return fallback;
    }

    /// <summary>Judged by what does not change while the system runs: every plane must come to the same answer.</summary>
    [SupportedOSPlatform("linux")]
    private static string? WhyNotSharedMemory()
    {
        if (!Directory.Exists(SharedMemory))
            return $"{SharedMemory} does not exist";
        long size = new DriveInfo(SharedMemory).TotalSize;
        return size < SharedMemoryMinBytes ? $"{SharedMemory} has {size:N0} bytes, fewer than the {SharedMemoryMinBytes:N0} it takes" : null;
    }

    public static string NameOf(string cameraId, string stream) => Checked($"{cameraId}.{stream}");

    /// <summary>The logs that are there, in no order.</summary>
    public IReadOnlyList<string> Names() =>
        [.. Directory.EnumerateFiles(Path, "*" + LogExtension).Select(file => System.IO.Path.GetFileNameWithoutExtension(file))];

    internal string LogPath(string name) => System.IO.Path.Combine(Path, Checked(name) + LogExtension);

    internal string LockPath(string name) => System.IO.Path.Combine(Path, Checked(name) + ".lock");

    /// <summary>Where a new epoch is prepared before it is renamed into place.</summary>
    internal string UnfinishedPath(string name, ulong epoch) => System.IO.Path.Combine(Path, $"{Checked(name)}.{epoch:x16}.new");

    /// <summary>Where Windows, which cannot replace a mapped file, moves a superseded epoch.</summary>
    internal string SupersededPath(string name, ulong epoch) => System.IO.Path.Combine(Path, $"{Checked(name)}.{epoch:x16}.old");

    /// <summary>Deletes what earlier writers of this log left: unfinished and superseded epochs. Only under the log's lock.</summary>
    internal void DeleteLeftovers(string name)
    {
        foreach (string file in Directory.EnumerateFiles(Path, $"{Checked(name)}.*"))
        {
            if (LeftoverName().IsMatch(System.IO.Path.GetFileName(file).AsSpan(name.Length)))
                TryDelete(file);
        }
    }

    /// <summary>Gives the log's name to a file prepared under <see cref="UnfinishedPath"/>. Linux replaces the old file in one step, and it
    /// vanishes with its last reader; a file that Windows has mapped can be renamed but not replaced.</summary>
    internal void PutInPlace(string name, ulong epoch)
    {
        string path = LogPath(name);
        if (OperatingSystem.IsWindows() && File.Exists(path))
            File.Move(path, SupersededPath(name, epoch));
        File.Move(UnfinishedPath(name, epoch), path, overwrite: true);
    }

    /// <summary>Takes the log's name away from a file that no writer has mapped any more.</summary>
    internal void Remove(string name, ulong epoch)
    {
        string path = LogPath(name);
        if (OperatingSystem.IsWindows())
        {
            File.Move(path, SupersededPath(name, epoch));
            path = SupersededPath(name, epoch);
        }

        TryDelete(path);
    }

    internal static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (OperatingSystem.IsWindows() && e is IOException or UnauthorizedAccessException)
        {
            return;   // a reader still maps it: the next writer of this log deletes it
        }
    }

    private static string Checked(string name) =>
        ValidName().IsMatch(name) ? name : throw new ArgumentException($"'{name}' cannot name a stream log: 1 to 128 letters, digits, '.', '_' or '-', no leading dot.", nameof(name));

    [GeneratedRegex(@"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex ValidName();

    [GeneratedRegex(@"^\.[0-9a-f]{16}\.(new|old)\z")]
    private static partial Regex LeftoverName();

    private static partial class Log
    {
        [LoggerMessage(6400, LogLevel.Warning, "Stream logs are kept in files under {Directory} instead of shared memory: {Reason}")]
        public static partial void NotInSharedMemory(ILogger logger, string directory, string reason);
    }
}
