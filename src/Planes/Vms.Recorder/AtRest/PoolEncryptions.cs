using Vms.Containers.AtRest;
using Vms.Recorder.Pools;
using Vms.Recorder.Writing;

namespace Vms.Recorder.AtRest;

/// <summary>What each pool is encrypted with, whether it is or was. Any thread.</summary>
internal sealed class PoolEncryptions
{
    private readonly Dictionary<StoragePool, PoolEncryption> _pools;
    private readonly StoragePools _storage;

    /// <exception cref="IOException">The main pool is to be encrypted, and no key can be stored.</exception>
    /// <exception cref="InvalidDataException">A key file is damaged; the message names it.</exception>
    public PoolEncryptions(StoragePools storage, StorageKeys keys, TimeProvider time, ILogger<PoolEncryption> logger)
    {
        _storage = storage;
        _pools = storage.All.ToDictionary(pool => pool, pool => new PoolEncryption(keys, pool.Home, pool.Spec.Encrypt, time, logger));
        ReservedBytes = _pools.Values.Max(p => p.ReservedBytes);
    }

    /// <summary>Padding that every fragment needs: in which pool it will be is not known yet when it is begun.</summary>
    public int ReservedBytes { get; }

    public PoolEncryption Of(StoragePool pool) => _pools[pool];

    /// <summary>What pictures beside a segment, by its absolute path, are encrypted with; null when nothing is encrypted here. A segment that was moved to
    /// a pool without a key may be encrypted.</summary>
    public DataKey? PictureKeyAt(string path) => _pools[_storage.Of(path)].PictureKey ?? AnyKey;

    /// <summary>What the still of an event is encrypted with in a pool; null when nothing is encrypted here. The camera that it shows may be recorded to another
    /// pool, which is encrypted.</summary>
    /// <exception cref="IOException">There is no key, a pool is encrypted, and none can be stored; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public DataKey? StillKeyIn(StoragePool pool) => _pools[pool].StillKey() ?? AnyKey ?? _pools.Values.FirstOrDefault(p => p.IsOn)?.StillKey();

    private DataKey? AnyKey => _pools.Values.Select(p => p.PictureKey).FirstOrDefault(key => key is not null);
}
