using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Vms.Native.Storage;

/// <summary>The file system a directory lives on: makes everything written to it durable at once, and knows its free space.</summary>
public sealed class StorageVolume : IDisposable
{
    private readonly string _directory;
    private readonly SafeFileHandle? _handle;   // of the directory; only where syncfs exists

    /// <exception cref="IOException">The directory cannot be opened.</exception>
    public StorageVolume(string directory)
    {
        _directory = directory;
        _handle = OperatingSystem.IsLinux() ? OpenDirectory(directory) : null;
    }

    /// <summary>Bytes an unprivileged writer may still use.</summary>
    /// <exception cref="IOException">The file system does not answer.</exception>
    public long FreeBytes => new DriveInfo(_directory).AvailableFreeSpace;

    /// <summary>Returns when everything written before is on stable storage. Linux: one syncfs for the whole file system,
    /// which also reports write-back errors of any file since the last call (Linux 5.8). Elsewhere: one flush per dirty file.</summary>
    /// <param name="dirty">Files written since the last call. Borrowed.</param>
    /// <exception cref="IOException">Some data did not reach the disk.</exception>
    public void Commit(IReadOnlyList<SafeFileHandle> dirty)
    {
        ArgumentNullException.ThrowIfNull(dirty);
        if (OperatingSystem.IsLinux())
        {
            SyncFileSystem();
            return;
        }

        for (int i = 0; i < dirty.Count; i++)
        {
            if (!dirty[i].IsClosed)
            {
                RandomAccess.FlushToDisk(dirty[i]);
            }
        }
    }

    /// <summary>Returns when the names in a directory are on stable storage: a file that was renamed into it is found after a power cut.
    /// Where no syncfs exists, the file system sees to that itself.</summary>
    /// <exception cref="IOException">It did not reach the disk.</exception>
    public static void SyncDirectory(string directory)
    {
        if (OperatingSystem.IsLinux())
        {
            using var handle = OpenDirectory(directory);
            RandomAccess.FlushToDisk(handle);
        }
    }

    public void Dispose() => _handle?.Dispose();

    [SupportedOSPlatform("linux")]
    private void SyncFileSystem()
    {
        if (LibC.syncfs(_handle!) != 0)
        {
            throw Failure("syncfs", _directory);
        }
    }

    [SupportedOSPlatform("linux")]
    private static SafeFileHandle OpenDirectory(string directory)
    {
        var handle = LibC.open(directory, LibC.O_RDONLY | LibC.DirectoryFlag | LibC.O_CLOEXEC);
        return handle.IsInvalid ? throw Failure("open", directory) : handle;
    }

    private static IOException Failure(string call, string path)
    {
        int errno = Marshal.GetLastPInvokeError();
        return new IOException($"{call} {path}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
    }
}
