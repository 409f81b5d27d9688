namespace Vms.EndToEnd.Tests.Chaos;

/// <summary>A folder in memory, for the stream logs: a power cut takes what is in it.</summary>
internal sealed class MemoryDirectory : IDisposable
{
    public MemoryDirectory() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine("/dev/shm", $"vms-{System.IO.Path.GetRandomFileName()}");

    /// <summary>The machine was off.</summary>
    public void Forget()
    {
        foreach (var file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories))
            File.Delete(file);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
