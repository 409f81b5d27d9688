using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using Microsoft.Win32.SafeHandles;

namespace Vms.Native.Files;

/// <summary>Directories only the account of the process may enter: 0700 on Linux, an access list of this account, SYSTEM and the
/// administrators on Windows.</summary>
public static class PrivateDirectory
{
    /// <summary>Creates the directory (and its parents) or takes over one that is there, provided this account owns it and it is no link.</summary>
    /// <exception cref="IOException">Something else is there, or another account's directory.</exception>
    public static void Ensure(string path)
    {
        if (OperatingSystem.IsWindows())
            EnsureWindows(path);
        else if (OperatingSystem.IsLinux())
            EnsureLinux(path);
        else
            throw new PlatformNotSupportedException("Linux and Windows are supported.");
    }

    [SupportedOSPlatform("linux")]
    private static void EnsureLinux(string path)
    {
        string? parent = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(parent))
            Directory.CreateDirectory(parent);
        if (!Path.Exists(path))
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // Judge what was opened, not what the name said a moment ago: /dev/shm is writable for everybody.
        using SafeFileHandle directory = LinuxFile.Open(path, LinuxFile.O_RDONLY | LinuxFile.O_DIRECTORY, out int error)
            ?? throw LinuxFile.Failed("open directory", path, error);
        LinuxFile.Statx stat = LinuxFile.Stat(directory, path);
        if (stat.Uid != LinuxFile.geteuid())
            throw new IOException($"{path} belongs to user {stat.Uid}; it is not used. Remove it or choose another directory.");
        if ((stat.Mode & 0x3F) != 0 && LinuxFile.fchmod(directory, 0x1C0 /* 0700 */) != 0)
            throw LinuxFile.Failed("fchmod", path, Marshal.GetLastPInvokeError());
    }

    [SupportedOSPlatform("windows")]
    private static void EnsureWindows(string path)
    {
        DirectoryInfo directory = Directory.CreateDirectory(path);
        if ((directory.Attributes & FileAttributes.ReparsePoint) != 0)
            throw new IOException($"{path} is a link; links are not followed here.");
        var security = new DirectorySecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        SecurityIdentifier[] allowed =
        [
            WindowsIdentity.GetCurrent().User ?? throw new IOException("The process has no user account."),
            new(WellKnownSidType.LocalSystemSid, null),
            new(WellKnownSidType.BuiltinAdministratorsSid, null),
        ];
        foreach (SecurityIdentifier account in allowed)
        {
            security.AddAccessRule(new FileSystemAccessRule(account, FileSystemRights.FullControl,
                InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit, PropagationFlags.None, AccessControlType.Allow));
        }

        directory.SetAccessControl(security);
    }
}
