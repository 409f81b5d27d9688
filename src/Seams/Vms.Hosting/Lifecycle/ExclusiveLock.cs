namespace Vms.Hosting;

/// <summary>
/// "I am the only one" for a plane or a directory: an exclusively opened file, so that the lock ends with its process however
/// it ends. A pid file would outlive a <c>kill -9</c>.
/// </summary>
public sealed class ExclusiveLock : IDisposable
{
    /// <summary>Exit code of a process that found its lock taken (EX_TEMPFAIL): the supervisor retries without counting it as a crash.</summary>
    public const int TakenExitCode = 75;

    private readonly FileStream _file;

    private ExclusiveLock(FileStream file) => _file = file;

    /// <returns>The lock, or null when another process holds it.</returns>
    public static ExclusiveLock? TryTake(string directory, string name)
    {
        PrivateFiles.CreateDirectory(directory);
        try
        {
            return new ExclusiveLock(new FileStream(Path.Combine(directory, name + ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
