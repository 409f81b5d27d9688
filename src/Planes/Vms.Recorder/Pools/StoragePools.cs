using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Pools;

/// <summary>All storage pools of this installation, the main one first. Any thread.</summary>
internal sealed class StoragePools : IDisposable
{
    private StoragePools(IReadOnlyList<StoragePool> all)
    {
        All = all;
    }

    public IReadOnlyList<StoragePool> All { get; }

    public StoragePool Main => All[0];

    public ArchiveLayout Layout => Main.Layout;

    /// <summary>Takes the main pool; the others are taken when they were looked at (<see cref="PoolMonitor"/>).</summary>
    /// <param name="root">Of the main pool.</param>
    /// <exception cref="IOException">The main pool's folder cannot be used.</exception>
    /// <exception cref="PoolTakenException">Another recorder writes to it.</exception>
    public static StoragePools Open(string root, StorageSettings settings, RecorderOptions options, TimeProvider time)
    {
        var further = settings.Pools
            .OrderBy(p => p.Role == PoolRole.Archive)       // what is moved while files are listed is then found in one of its two places
            .Select(p => (Home: new PoolRoot(p.Name, p.Path), Spec: PoolSpec.Of(p, options)))
            .ToList();
        var layout = new ArchiveLayout(root, [.. further.Select(p => p.Home)]);
        var main = StoragePool.OpenMain(layout, PoolSpec.OfMain(options, settings.Main), time);
        return new StoragePools([main, .. further.Select(p => new StoragePool(p.Home, layout, p.Spec, time))]);
    }

    /// <summary>The pool that a path, absolute, is in.</summary>
    public StoragePool Of(string path)
    {
        var home = Layout.RootOf(path);
        return All.FirstOrDefault(p => p.Home == home) ?? Main;
    }

    public void Dispose()
    {
        foreach (var pool in All)
        {
            pool.Dispose();
        }
    }
}
