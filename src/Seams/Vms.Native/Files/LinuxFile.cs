using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Vms.Native.Files;

/// <summary>The libc calls behind <see cref="PrivateFile"/>, <see cref="FileLock"/> and <see cref="MappedFile"/>; names and constants as in C.
/// The constants are those Linux has on x86-64 and arm64 alike; the few that differ are chosen at run time.</summary>
[SupportedOSPlatform("linux")]
internal static partial class LinuxFile
{
    private const string Library = "libc";

    internal const int O_RDONLY = 0, O_RDWR = 2, O_CREAT = 0x40, O_EXCL = 0x80, O_CLOEXEC = 0x80000;
    internal const int LOCK_EX = 2, LOCK_NB = 4, LOCK_UN = 8;
    internal const int PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1, MADV_POPULATE_WRITE = 23;
    internal const int EINTR = 4, ENOENT = 2, EWOULDBLOCK = 11, EEXIST = 17, ENOSPC = 28, ELOOP = 40, EOPNOTSUPP = 95;
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const uint STATX_BASIC_STATS = 0x7ff;
    internal const int S_IFMT = 0xF000, S_IFREG = 0x8000, S_IFDIR = 0x4000;

    // asm-generic has these two; arm and arm64 swap them with O_DIRECT and O_LARGEFILE.
    internal static int O_NOFOLLOW => IsArm ? 0x8000 : 0x20000;

    internal static int O_DIRECTORY => IsArm ? 0x4000 : 0x10000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <summary>File descriptor, or -1 with errno.</summary>
    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags, uint mode);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fchmod(SafeFileHandle fd, uint mode);

    [LibraryImport(Library)]
    internal static partial uint geteuid();

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(SafeFileHandle fd, string path, int flags, uint mask, out Statx result);

    /// <summary>0, or the error number itself (errno is not set).</summary>
    [LibraryImport(Library)]
    internal static partial int posix_fallocate(SafeFileHandle fd, long offset, long length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int flock(SafeFileHandle fd, int operation);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint mmap(nint address, nuint length, int protection, int flags, SafeFileHandle fd, long offset);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int munmap(nint address, nuint length);

    [LibraryImport(Library)]
    internal static partial int madvise(nint address, nuint length, int advice);

    /// <summary><c>struct statx</c>: the only stat structure that is the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct Statx
    {
        [FieldOffset(16)] internal uint LinkCount;
        [FieldOffset(20)] internal uint Uid;
        [FieldOffset(28)] internal ushort Mode;
        [FieldOffset(40)] internal ulong Size;
    }

    /// <summary>Opens without following a link in the last component. Null with errno in <paramref name="error"/>.</summary>
    internal static SafeFileHandle? Open(string path, int flags, out int error)
    {
        int fd;
        do
        {
            fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0x180 /* 0600 */);
            error = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (error == EINTR);
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }

    internal static Statx Stat(SafeFileHandle file, string path) =>
        statx(file, "", AT_EMPTY_PATH, STATX_BASIC_STATS, out Statx result) == 0 ? result : throw Failed("statx", path, Marshal.GetLastPInvokeError());

    internal static IOException Failed(string call, string path, int error) =>
        new($"{call} {path}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}).", error);
}
