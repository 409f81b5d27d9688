using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Vms.Native.Storage;

/// <summary>What a recording file needs beyond reading and writing at an offset (which <see cref="RandomAccess"/> does by
/// pwrite/pread): reserve space, start write-back early, pass the page cache by or give it back. Everything here but <see cref="TrimReserved"/>
/// is advice: where the system or the file system cannot do it, nothing happens and nothing is lost.</summary>
public static class StorageFile
{
    /// <summary>Reserves disk space behind the end of the file without changing its length (fallocate with
    /// FALLOC_FL_KEEP_SIZE; Windows: the file's allocation size). Keeps a growing file in few extents.</summary>
    /// <returns>False where the file system has no such thing or no space; the write itself will tell.</returns>
    public static bool Reserve(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            return LibC.fallocate(file, LibC.FALLOC_FL_KEEP_SIZE, offset, length) == 0;
        }

        return OperatingSystem.IsWindows() && SetAllocation(file, offset + length);
    }

    /// <summary>Cuts the file to <paramref name="length"/> and gives reserved space behind it back.</summary>
    /// <exception cref="IOException">The length could not be set.</exception>
    public static void TrimReserved(SafeFileHandle file, long length)
    {
        // Setting the length to what it already is also frees the blocks behind the end (ext4, XFS, tmpfs: truncate; NTFS: end of file).
        RandomAccess.SetLength(file, length);
        if (OperatingSystem.IsWindows())
        {
            SetAllocation(file, length);
        }
    }

    /// <summary>Hands dirty pages of the range to the disk now, without waiting (sync_file_range, WRITE only), so that the
    /// next commit finds little left to do. Windows writes behind by itself.</summary>
    public static void StartWriteback(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = LibC.sync_file_range(file, offset, length, LibC.SYNC_FILE_RANGE_WRITE);
        }
    }

    /// <summary>Drops clean pages of the range from the page cache (posix_fadvise DONTNEED): recorded video is rarely read
    /// soon, and must not push the database's pages out.</summary>
    public static void DropCache(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = LibC.posix_fadvise(file, offset, length, LibC.POSIX_FADV_DONTNEED);
        }
    }

    /// <summary>From now on writes go past the page cache (O_DIRECT), or through it again. Direct writes begin, end and lie in memory at
    /// multiples of a block, else they fail.</summary>
    /// <returns>False where the file system has no such thing, and on Windows, where it is chosen when a file is opened.</returns>
    public static bool TrySetDirect(SafeFileHandle file, bool direct)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        int flags = LibC.fcntl(file, LibC.F_GETFL, 0);
        return flags >= 0
            && LibC.fcntl(file, LibC.F_SETFL, direct ? flags | LibC.DirectFlag : flags & ~LibC.DirectFlag) == 0;
    }

    /// <summary>Does this error say that the file system does not take such a write past the page cache?</summary>
    public static bool IsRefusal(IOException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return OperatingSystem.IsLinux() && error.HResult == LibC.EINVAL;
    }

    /// <summary>Does this error say that the disk, or the user's quota on it, is full?</summary>
    public static bool IsDiskFull(IOException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return OperatingSystem.IsWindows()
            ? (error.HResult & 0xFFFF) is Kernel32.ERROR_DISK_FULL or Kernel32.ERROR_HANDLE_DISK_FULL
            : error.HResult is LibC.ENOSPC or LibC.EDQUOT;
    }

    /// <summary>Why this file cannot be deleted, as far as that can be told without deleting it; null when nothing speaks against it, or it is
    /// gone. Permissions, a read-only or an immutable place; not a disk that fails.</summary>
    /// <remarks>On Linux rmdir of a file: the kernel asks for the same rights as for a deletion, and only then says ENOTDIR. On other systems
    /// only the deletion tells.</remarks>
    public static string? WhyUndeletable(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!OperatingSystem.IsLinux() || LibC.rmdir(path) == 0)
        {
            return null;
        }

        int error = Marshal.GetLastPInvokeError();
        return error is LibC.ENOTDIR or LibC.ENOENT ? null : Marshal.GetPInvokeErrorMessage(error);
    }

    [SupportedOSPlatform("windows")]
    private static bool SetAllocation(SafeFileHandle file, long bytes) =>
        Kernel32.SetFileInformationByHandle(file, Kernel32.FileAllocationInfo, bytes, sizeof(long));
}
