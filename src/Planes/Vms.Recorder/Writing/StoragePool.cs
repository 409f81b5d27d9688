using Vms.Hosting;
using Vms.Native.Storage;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Writing;

/// <summary>A folder on one file system that recordings go to, held exclusively by this process.</summary>
internal sealed class StoragePool : IDisposable
{
    private readonly ExclusiveLock _lock;

    private StoragePool(ArchiveLayout layout, StorageVolume volume, ExclusiveLock exclusive)
    {
        Layout = layout;
        Volume = volume;
        _lock = exclusive;
    }

    public ArchiveLayout Layout { get; }

    public StorageVolume Volume { get; }

    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="PoolTakenException">Another recorder writes to it.</exception>
    public static StoragePool Open(string root)
    {
        var layout = new ArchiveLayout(root);
        Directory.CreateDirectory(layout.IndexPath);
        var exclusive = ExclusiveLock.TryTake(layout.IndexPath, "pool") ?? throw new PoolTakenException(layout.Root);
        return new StoragePool(layout, new StorageVolume(layout.Root), exclusive);
    }

    public void Dispose()
    {
        Volume.Dispose();
        _lock.Dispose();
    }
}

internal sealed class PoolTakenException(string root) : Exception($"another recorder writes to {root}; stop it first");
