using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Vms.Native.Files;

/// <summary>
/// An exclusive lock held by an open handle: it ends with the process, however that dies, and no process id is ever compared.
/// The file stays behind, empty, unless <see cref="Delete"/> takes it along. Linux: flock(2) on a file opened without following links. Windows: a handle that shares nothing.
/// </summary>
public sealed class FileLock : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _file;

    private FileLock(string path, SafeFileHandle file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>False when another handle, in this or any other process, holds the lock.</summary>
    public static bool TryAcquire(string path, out FileLock? held)
    {
        SafeFileHandle? file = OperatingSystem.IsLinux() ? TryLockLinux(path) : TryLockWindows(path);
        held = file is null ? null : new FileLock(path, file);
        return held is not null;
    }

    [SupportedOSPlatform("linux")]
    private static SafeFileHandle? TryLockLinux(string path)
    {
        while (true)
        {
            SafeFileHandle file = PrivateFile.OpenOrCreate(path);
            int error;
            do
                error = LinuxFile.flock(file, LinuxFile.LOCK_EX | LinuxFile.LOCK_NB) == 0 ? 0 : Marshal.GetLastPInvokeError();
            while (error == LinuxFile.EINTR);
            // Deleted by the holder before us, between our open and our lock: that lock guards nothing any more.
            if (error == 0 && LinuxFile.Stat(file, path).LinkCount > 0)
                return file;
            file.Dispose();
            if (error == LinuxFile.EWOULDBLOCK)
                return null;
            if (error != 0)
                throw LinuxFile.Failed("flock", path, error);
        }
    }

    private static SafeFileHandle? TryLockWindows(string path)
    {
        const int sharingViolation = unchecked((int)0x80070020), lockViolation = unchecked((int)0x80070021);
        try
        {
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is sharingViolation or lockViolation)
        {
            return null;
        }
    }

    /// <summary>Ends the lock and removes its file: what it guarded is gone for good.</summary>
    public void Delete()
    {
        if (OperatingSystem.IsLinux())
        {
            File.Delete(_path);   // only the holder deletes, so the name is ours
            Dispose();
            return;
        }

        _file.Dispose();          // Windows deletes no open file; the next holder may be faster, then it stays
        try
        {
            File.Delete(_path);
        }
        catch (IOException)
        {
            return;
        }
    }

    public void Dispose()
    {
        // Closing alone is not enough: a process being started by another thread has a copy of the handle until it executes its program.
        if (OperatingSystem.IsLinux() && !_file.IsClosed)
            _ = LinuxFile.flock(_file, LinuxFile.LOCK_UN);
        _file.Dispose();
    }
}
