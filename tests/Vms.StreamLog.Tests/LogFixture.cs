namespace Vms.StreamLog.Tests;

/// <summary>A directory of its own for one test, in shared memory where there is some.</summary>
internal sealed class LogFixture : IDisposable
{
    internal const string Name = "cam-1.main";

    internal LogFixture()
    {
        string parent = System.IO.Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        Directory = new StreamLogDirectory(Path.Combine(parent, $"vms-test-{Guid.NewGuid():n}"[..24]));
    }

    internal StreamLogDirectory Directory { get; }

    internal string LogPath => Path.Combine(Directory.Path, Name + ".ring");

    /// <summary>A log that never grows.</summary>
    internal static StreamLogOptions Fixed(long bytes) => new() { InitialCapacityBytes = bytes, MaxCapacityBytes = bytes };

    internal StreamLogWriter OpenWriter(StreamLogOptions options, TimeProvider? time = null) =>
        StreamLogWriter.Open(Directory, Name, options, time ?? TimeProvider.System);

    internal StreamLogReader OpenReader(TimeProvider? time = null)
    {
        Assert.True(StreamLogReader.TryOpen(Directory, Name, time ?? TimeProvider.System, out StreamLogReader? reader));
        return reader;
    }

    public void Dispose() => System.IO.Directory.Delete(Directory.Path, recursive: true);
}
