using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Vms.Native.Files;

/// <summary>
/// Files only the account of the process may touch: created 0600, opened without following a symbolic link, refused when another
/// account owns them. On Windows the protection is that of the directory (<see cref="PrivateDirectory"/>); a reparse point is refused.
/// Any thread.
/// </summary>
public static class PrivateFile
{
    /// <summary>Creates a file that did not exist. <see cref="IOException"/> when it did.</summary>
    public static SafeFileHandle Create(string path)
    {
        if (!OperatingSystem.IsLinux())
            return File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        SafeFileHandle? file = LinuxFile.Open(path, LinuxFile.O_RDWR | LinuxFile.O_CREAT | LinuxFile.O_EXCL, out int error);
        return file ?? throw LinuxFile.Failed("create", path, error);
    }

    /// <summary>Opens a file that is there, or creates it.</summary>
    public static SafeFileHandle OpenOrCreate(string path)
    {
        if (!OperatingSystem.IsLinux())
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        SafeFileHandle file = LinuxFile.Open(path, LinuxFile.O_RDWR | LinuxFile.O_CREAT, out int error) ?? throw LinuxFile.Failed("open", path, error);
        return Verified(file, path);
    }

    /// <summary>Opens a file that is there. False when there is none; <see cref="IOException"/> when what is there cannot be trusted.</summary>
    public static bool TryOpen(string path, bool writable, out SafeFileHandle? file)
    {
        file = OperatingSystem.IsLinux() ? TryOpenLinux(path, writable) : TryOpenWindows(path, writable);
        return file is not null;
    }

    [SupportedOSPlatform("linux")]
    private static SafeFileHandle? TryOpenLinux(string path, bool writable)
    {
        SafeFileHandle? file = LinuxFile.Open(path, writable ? LinuxFile.O_RDWR : LinuxFile.O_RDONLY, out int error);
        if (file is null)
            return error == LinuxFile.ENOENT ? null : throw LinuxFile.Failed("open", path, error);
        return Verified(file, path);
    }

    private static SafeFileHandle? TryOpenWindows(string path, bool writable)
    {
        var info = new FileInfo(path);
        if (!info.Exists)
            return null;
        if ((info.Attributes & FileAttributes.ReparsePoint) != 0)
            throw new IOException($"{path} is a link; links are not followed here.");
        try
        {
            return File.OpenHandle(path, FileMode.Open, writable ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)   // deleted since the look above
        {
            return null;
        }
    }

    [SupportedOSPlatform("linux")]
    private static SafeFileHandle Verified(SafeFileHandle file, string path)
    {
        LinuxFile.Statx stat = LinuxFile.Stat(file, path);
        bool trusted = (stat.Mode & LinuxFile.S_IFMT) == LinuxFile.S_IFREG && stat.Uid == LinuxFile.geteuid();
        if (trusted && ((stat.Mode & 0x3F) == 0 || LinuxFile.fchmod(file, 0x180 /* 0600 */) == 0))
            return file;
        file.Dispose();
        throw new IOException($"{path} is not a regular file of this account (owner {stat.Uid}, mode {Convert.ToString(stat.Mode, 8)}); it is not used.");
    }

    /// <summary>Makes the file <paramref name="lengthBytes"/> long with its blocks reserved, so that a store into a mapping of it can never
    /// meet a full file system (a sparse mapping raises SIGBUS there, which aborts the process).</summary>
    /// <exception cref="NoSpaceException">Not enough room; the file keeps its old length or is partly grown: delete it.</exception>
    public static void Reserve(SafeFileHandle file, string path, long lengthBytes)
    {
        if (OperatingSystem.IsLinux())
            ReserveLinux(file, path, lengthBytes);
        else
            ReserveWindows(file, path, lengthBytes);
    }

    [SupportedOSPlatform("linux")]
    private static void ReserveLinux(SafeFileHandle file, string path, long lengthBytes)
    {
        int error;
        do
            error = LinuxFile.posix_fallocate(file, 0, lengthBytes);
        while (error == LinuxFile.EINTR);
        if (error == LinuxFile.ENOSPC)
            throw new NoSpaceException(path, lengthBytes, AvailableBytes(path));
        if (error != 0)
            throw LinuxFile.Failed("posix_fallocate", path, error);
    }

    private static void ReserveWindows(SafeFileHandle file, string path, long lengthBytes)
    {
        const int diskFull = unchecked((int)0x80070070), handleDiskFull = unchecked((int)0x80070027);
        try
        {
            RandomAccess.SetLength(file, lengthBytes);   // NTFS allocates the clusters of a file that is not sparse
        }
        catch (IOException e) when (e.HResult is diskFull or handleDiskFull)
        {
            throw new NoSpaceException(path, lengthBytes, AvailableBytes(path));
        }
    }

    /// <summary>Bytes this account can still write on the file system of <paramref name="path"/>.</summary>
    public static long AvailableBytes(string path) =>
        new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(Path.GetFullPath(path))! : Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace;
}
