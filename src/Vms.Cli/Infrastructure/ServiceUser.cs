using System.Diagnostics;

namespace Vms.Cli.Infrastructure;

/// <summary>
/// The unprivileged user that PostgreSQL and nats-server run as when we are root: PostgreSQL refuses root, and nats-server needs
/// no right of it. Not root: they run as ourselves.
/// </summary>
internal static class ServiceUser
{
    /// <summary>Name, or null to stay who we are.</summary>
    public static string? Name { get; } = !OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess ? null
        : File.ReadLines("/etc/passwd").Any(l => l.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";

    /// <summary>Gives a directory tree to the service user; does nothing when that is us.</summary>
    public static void Own(string path)
    {
        if (Name is null)
            return;
        using var chown = Process.Start(new ProcessStartInfo("chown", ["-R", $"{Name}:", path]) { UseShellExecute = false })!;
        chown.WaitForExit();
        if (chown.ExitCode != 0)
            throw new IOException($"{path} cannot be given to user {Name}");
    }

    /// <summary>The directory that keeps the service user from reaching a path; null when it can.</summary>
    public static string? BlockedAt(string path)
    {
        if (Name is null || !OperatingSystem.IsLinux())
            return null;
        for (var directory = new DirectoryInfo(path).Parent; directory is not null; directory = directory.Parent)
        {
            if ((directory.UnixFileMode & UnixFileMode.OtherExecute) == 0)
                return directory.FullName;
        }

        return null;
    }
}
