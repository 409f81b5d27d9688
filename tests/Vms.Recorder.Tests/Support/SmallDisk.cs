using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Support;

/// <summary>A real file system of a few megabytes, mounted for those processes alone that enter it. Unmounted on dispose.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    /// <summary>Mounts a tmpfs of $1 bytes on $2 and keeps the mount namespace alive.</summary>
    private const string Script = "mount -t tmpfs -o size=$1 tmpfs \"$2\" && echo mounted && exec sleep infinity";

    private static readonly bool s_isRoot = Environment.UserName == "root";

    private readonly ChildProcess _holder;

    private SmallDisk(ChildProcess holder, string folder)
    {
        _holder = holder;
        Path = $"/proc/{holder.Pid}/root{folder}";
        Enter = ["nsenter", $"--target={holder.Pid}", .. s_isRoot ? Array.Empty<string>() : ["--user", "--preserve-credentials"], "--mount", "--"];
    }

    /// <summary>The disk, as this process sees it.</summary>
    public string Path { get; }

    /// <summary>In front of a command that is to run with the disk mounted.</summary>
    public IReadOnlyList<string> Enter { get; }

    public static async Task<SmallDisk> MountAsync(string folder, long bytes)
    {
        var holder = await ChildProcess.StartAsync(
            "unshare", [.. s_isRoot ? Array.Empty<string>() : ["--map-root-user"], "--mount", "sh", "-c", Script, "sh", $"{bytes}", folder]);
        await holder.WaitForOutputAsync(output => output.Contains("mounted", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        return new SmallDisk(holder, folder);
    }

    /// <summary>Writes a file until there is no room left on its disk.</summary>
    public static void FillUp(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[64 << 10];
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full, which is what was wanted.
        }
    }

    public async ValueTask DisposeAsync() => await _holder.DisposeAsync();
}
