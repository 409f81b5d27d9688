using System.Security.Cryptography;
using System.Text;

namespace Vms.Hosting;

/// <summary>Where the sockets of an installation live: short, private, and a function of the data directory alone.</summary>
public static class RunDirectories
{
    /// <summary>The directory of one data directory; nothing is created.</summary>
    public static string For(string dataDirectory)
    {
        var name = "vms-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(dataDirectory))))[..12];
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "vms", name);
        if (Environment.IsPrivilegedProcess && Directory.Exists("/run"))
            return Path.Combine("/run", name);
        return Path.Combine(
            Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 and < 40 } runtime && Directory.Exists(runtime) ? runtime : "/tmp",
            name + "-" + Environment.UserName);
    }

    /// <summary>Creates the directory and the planes' part of it. The outer one can be passed through (PostgreSQL's user has to reach
    /// its own socket below it), the planes' part belongs to this user alone.</summary>
    public static void Create(string runDirectory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path.Combine(runDirectory, "planes"));
            return;
        }

        const UnixFileMode passThrough = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(runDirectory, passThrough);
        File.SetUnixFileMode(runDirectory, passThrough);
        PrivateFiles.CreateDirectory(Path.Combine(runDirectory, "planes"));
    }
}
