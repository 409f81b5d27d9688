using Vms.Testing.Footage;

namespace Vms.EndToEnd.Tests.Chaos;

/// <summary>
/// What a disk has after the power went, in the worst case: everything that a sync had promised by then, and nothing else. A write that no
/// completed sync began after is dropped, and so is a new name.
/// </summary>
internal sealed class PowerCut
{
    /// <summary>What was written while the copy was made is durable by then.</summary>
    private const double SettledSeconds = 3;

    private readonly string _folder;
    private readonly string _before;
    private readonly IReadOnlyList<(FileCall Call, double DurableAt)> _changes;
    private readonly List<(int Camera, long Last, double DurableAt)> _fragments = [];

    /// <param name="folder">What the log is about.</param>
    /// <param name="before">A copy of it from when the log began. Files only grow and are written once, so what the copy has already does no harm.</param>
    public PowerCut(WriteLog log, string folder, string before)
    {
        (_folder, _before) = (folder, before);
        var syncs = log.Calls.Where(c => c.Change is FileChange.SyncAll or FileChange.SyncFile).ToList();
        _changes =
        [
            .. from change in log.Calls
               where change.Change is not (FileChange.SyncAll or FileChange.SyncFile)
               let sync = syncs.Where(s => s.Start >= change.End && Covers(s, change)).MinBy(s => s.End)
               select (change, sync?.End ?? double.MaxValue),
        ];
        foreach (var (call, durableAt) in _changes.Where(c => c.Call.Change == FileChange.Write && c.Call.Path.EndsWith(".mp4", StringComparison.Ordinal)))
        {
            foreach (var camera in FrameStamp.FindAll(call.Data).GroupBy(s => s.Camera))
                _fragments.Add((camera.Key, camera.Max(s => s.Frame), durableAt));
        }

        Commits = [.. syncs.Where(s => s.Change == FileChange.SyncAll).Select(s => s.End - s.Start)];
        From = SettledSeconds + _fragments.Where(f => f.DurableAt < double.MaxValue).GroupBy(f => f.Camera).Max(camera => camera.Min(f => f.DurableAt));
        To = log.Calls[^1].End;
    }

    /// <summary>Seconds that each commit of the pool took.</summary>
    public IReadOnlyList<double> Commits { get; }

    /// <summary>From when on a cut can be looked at, in seconds since 1970.</summary>
    public double From { get; }

    /// <summary>Where the log ends.</summary>
    public double To { get; }

    /// <summary>The last frame of a camera that a power cut at this moment leaves.</summary>
    public long LastFrame(int camera, double cut) => _fragments.Where(f => f.Camera == camera && f.DurableAt <= cut).Max(f => f.Last);

    /// <summary>Puts into a folder what the disk has after a power cut at this moment.</summary>
    public void Replay(double cut, string target)
    {
        Copy(_before, target);
        foreach (var (call, durableAt) in _changes)
        {
            if (durableAt <= cut)
                Apply(call, path => target + path[_folder.Length..]);
        }
    }

    /// <summary>Locks are left out: they are open handles of a process, and nothing is in them.</summary>
    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(to + directory[from.Length..]);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
            File.WriteAllBytes(to + file[from.Length..], ReadShared(file));
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    /// <summary>The sync of a directory is one of the names in it, that of a file one of its content.</summary>
    private static bool Covers(FileCall sync, FileCall change) => sync.Change == FileChange.SyncAll || change.Change switch
    {
        FileChange.Write or FileChange.Truncate => sync.Path == change.Path,
        FileChange.Rename or FileChange.Link => sync.Path == Path.GetDirectoryName(change.Target),
        _ => sync.Path == Path.GetDirectoryName(change.Path),
    };

    private static void Apply(FileCall call, Func<string, string> place)
    {
        string path = place(call.Path);
        switch (call.Change)
        {
            case FileChange.Create:
                Open(path, call.Length == 0 ? FileMode.Create : FileMode.OpenOrCreate).Dispose();
                break;
            case FileChange.Write:
                using (var file = Open(path, FileMode.OpenOrCreate))
                {
                    file.Position = call.Offset;
                    file.Write(call.Data);
                }

                break;
            case FileChange.Truncate:
                using (var file = Open(path, FileMode.OpenOrCreate))
                    file.SetLength(call.Length);
                break;
            case FileChange.Rename when File.Exists(path):
                File.Move(path, place(call.Target), overwrite: true);
                break;
            case FileChange.Link when File.Exists(path):
                File.Copy(path, place(call.Target), overwrite: true);
                break;
            case FileChange.Unlink:
                File.Delete(path);
                break;
            case FileChange.MakeDirectory:
                Directory.CreateDirectory(path);
                break;
        }
    }

    private static FileStream Open(string path, FileMode mode)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new FileStream(path, mode, FileAccess.ReadWrite);
    }
}
