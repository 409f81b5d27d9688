using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Chaos;

/// <summary>A real, small file system that only those see who are started with <see cref="Command"/>. Needs root. Gone with this object.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    /// <summary>In the environment: a command line with it would look like a process of the installation there.</summary>
    private const string FolderVariable = "SMALL_DISK_FOLDER";

    private const string Hold = "mount -t tmpfs -o size=$1 tmpfs \"$" + FolderVariable + "\" && echo mounted && exec sleep infinity";

    private readonly ChildProcess _holder;
    private readonly string _folder;

    private SmallDisk(ChildProcess holder, string folder)
    {
        _holder = holder;
        _folder = folder;
    }

    /// <summary>In front of a command that is to see the disk.</summary>
    public IReadOnlyList<string> Command => ["nsenter", "--mount", "--target", $"{_holder.Pid}", "--"];

    /// <param name="folder">Where it is mounted; made when it is not there.</param>
    public static async Task<SmallDisk> StartAsync(string folder, long bytes)
    {
        Directory.CreateDirectory(folder);
        var holder = await ChildProcess.StartAsync("unshare", ["--mount", "sh", "-c", Hold, "sh", $"{bytes}"], new Dictionary<string, string?> { [FolderVariable] = folder });
        await holder.WaitForOutputAsync(o => o.Contains("mounted", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
        return new SmallDisk(holder, folder);
    }

    /// <summary>A path on the disk, for those who do not see it.</summary>
    public string From(string path) => $"/proc/{_holder.Pid}/root{path}";

    /// <summary>Something else takes all that is free.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var block in new byte[][] { new byte[1 << 20], new byte[4096] })
        {
            try
            {
                while (true)
                    file.Write(block);
            }
            catch (IOException)
            {
                // Full, to this size of a block.
            }
        }
    }

    /// <summary>And gives it back.</summary>
    public void Empty() => File.Delete(Filler);

    public ValueTask DisposeAsync() => _holder.DisposeAsync();

    private string Filler => From(Path.Combine(_folder, "something-else"));
}
