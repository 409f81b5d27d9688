using Vms.StreamLog;

namespace Vms.Recorder.Tests.Support;

/// <summary>The stream logs of a data directory, where every plane of it finds them; deleted on dispose.</summary>
internal sealed class TestLogs(string data) : IDisposable
{
    public StreamLogDirectory Directory { get; } = StreamLogDirectory.ForData(data);

    public void Dispose() => System.IO.Directory.Delete(Directory.Path, recursive: true);
}
