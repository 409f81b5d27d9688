namespace Vms.Hosting;

/// <summary>The data directory: everything an installation keeps. Its parts are private to their owner; the directory itself can
/// only be passed through, because PostgreSQL's own user has to reach its part.</summary>
public static class DataDirectories
{
    public static void Create(PlaneOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(options.DataDirectory);
        }
        else if (!Directory.Exists(options.DataDirectory))
        {
            Directory.CreateDirectory(options.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        PrivateFiles.CreateDirectory(options.KeysDirectory);
        PrivateFiles.CreateDirectory(options.StateDirectory);
        PrivateFiles.CreateDirectory(options.RecordingsDirectory);
    }
}
