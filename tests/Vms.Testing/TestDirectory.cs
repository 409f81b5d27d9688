namespace Vms.Testing;

/// <summary>A directory of one test's own, deleted on dispose. Its path is short: unix sockets below it stay under 107 bytes.</summary>
public sealed class TestDirectory : IDisposable
{
    public TestDirectory()
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"vms-{System.IO.Path.GetRandomFileName()}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    /// <summary>A path below the directory; nothing is created.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>A directory below, created.</summary>
    public string Create(string name) => Directory.CreateDirectory(this[name]).FullName;

    public void Dispose()
    {
        // A server that is just ending may still write into it.
        if (!SpinWait.SpinUntil(TryDelete, TimeSpan.FromSeconds(5)))
            Directory.Delete(Path, recursive: true);
    }

    private bool TryDelete()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return !Directory.Exists(Path);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
