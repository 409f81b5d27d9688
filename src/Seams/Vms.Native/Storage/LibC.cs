using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vms.Native.Storage;

/// <summary>The storage calls of the C library that .NET has no method for. All return 0, or -1 with errno
/// (posix_fadvise: the error itself).</summary>
internal static partial class LibC
{
    internal const int ENOENT = 2;
    internal const int ENOTDIR = 20;
    internal const int EINVAL = 22;
    internal const int ENOSPC = 28;
    internal const int EDQUOT = 122;

    internal const int FALLOC_FL_KEEP_SIZE = 1;
    internal const uint SYNC_FILE_RANGE_WRITE = 2;
    internal const int POSIX_FADV_DONTNEED = 4;
    internal const int O_RDONLY = 0;
    internal const int O_DIRECTORY = 0x10000;      // 0x4000 on ARM64, see DirectoryFlag
    internal const int O_DIRECTORY_ARM64 = 0x4000;
    internal const int O_CLOEXEC = 0x80000;

    internal const int O_DIRECT = 0x4000;           // 0x10000 on ARM64, see DirectFlag
    internal const int O_DIRECT_ARM64 = 0x10000;
    internal const int F_GETFL = 3;
    internal const int F_SETFL = 4;

    internal static int DirectFlag =>
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? O_DIRECT_ARM64 : O_DIRECT;

    internal static int DirectoryFlag =>
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? O_DIRECTORY_ARM64 : O_DIRECTORY;

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fallocate(SafeFileHandle fd, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int sync_file_range(SafeFileHandle fd, long offset, long length, uint flags);

    [LibraryImport("libc")]
    internal static partial int posix_fadvise(SafeFileHandle fd, long offset, long length, int advice);

    /// <summary>F_GETFL: the flags, or -1. F_SETFL: 0, or -1; EINVAL where the file system has no O_DIRECT.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fcntl(SafeFileHandle fd, int command, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int syncfs(SafeFileHandle fd);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rmdir(string path);
}
