using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Vms.Native.Files;

/// <summary>
/// An exclusive lock held by an open handle: it ends with the process, however that dies, and no process id is ever compared.
/// The file stays behind, empty. Linux: flock(2) on a file opened without following links. Windows: a handle that shares nothing.
/// </summary>
public sealed class FileLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private FileLock(SafeFileHandle file) => _file = file;

    /// <summary>False when another handle, in this or any other process, holds the lock.</summary>
    public static bool TryAcquire(string path, out FileLock? held)
    {
        SafeFileHandle? file = OperatingSystem.IsLinux() ? TryLockLinux(path) : TryLockWindows(path);
        held = file is null ? null : new FileLock(file);
        return held is not null;
    }

    [SupportedOSPlatform("linux")]
    private static SafeFileHandle? TryLockLinux(string path)
    {
        SafeFileHandle file = PrivateFile.OpenOrCreate(path);
        int error;
        do
            error = LinuxFile.flock(file, LinuxFile.LOCK_EX | LinuxFile.LOCK_NB) == 0 ? 0 : Marshal.GetLastPInvokeError();
        while (error == LinuxFile.EINTR);
        if (error == 0)
            return file;
        file.Dispose();
        return error == LinuxFile.EWOULDBLOCK ? null : throw LinuxFile.Failed("flock", path, error);
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

    public void Dispose() => _file.Dispose();
}
