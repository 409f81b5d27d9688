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

    /// <summary>Gives a directory tree to the service user; does nothing when that is us. Not while a former server still uses it.</summary>
    /// <returns>Null: done. Else why to look again: files vanished meanwhile.</returns>
    /// <exception cref="InfrastructureException">It cannot be given.</exception>
    public static string? Own(string path)
    {
        if (Name is null)
            return null;
        var start = new ProcessStartInfo("chown", ["-R", $"{Name}:", path]) { UseShellExecute = false, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        using var chown = Process.Start(start)!;
        var complaints = chown.StandardError.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        chown.WaitForExit();
        if (chown.ExitCode == 0)
            return null;
        if (complaints.Length > 0 && complaints.All(c => c.EndsWith(": No such file or directory", StringComparison.Ordinal)))
            return $"files of {path} vanish while it is given to user {Name}";
        throw new InfrastructureException($"{path} cannot be given to user {Name}: {complaints.FirstOrDefault()}");
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
