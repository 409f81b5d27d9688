using System.Collections.Concurrent;
using Vms.Containers.AtRest;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Events;

namespace Vms.Recorder.AtRest;

/// <summary>
/// The data keys of all pools that this recorder has: whoever reads a fragment finds its key here, by the id that the fragment names. Keys are held as
/// long as the process lives. A key that is not there is asked for again now and then: somebody may put back the file. Any thread.
/// </summary>
internal sealed partial class StorageKeys(PlaneOptions plane, RecorderEvents events, TimeProvider time, ILogger<StorageKeys> logger) : IDisposable
{
    /// <summary>A key that is missing is looked for so often, whoever asks.</summary>
    internal static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<ulong, DataKey> _keys = new();
    private readonly ConcurrentDictionary<ulong, bool> _missing = new();        // already told of
    private readonly Lock _gate = new();
    private readonly List<PoolRoot> _pools = [];
    private long _lookedAt;

    public string KeysDirectory => plane.KeysDirectory;

    /// <summary>Reads a pool's keys; those of all pools serve every reader. A file that is damaged costs what stands in it alone, and never a recording. A further
    /// pool's own copy is not looked at here, because its disk may not answer, but when a key is missed.</summary>
    public PoolKeyring Add(PoolRoot pool)
    {
        lock (_gate)
        {
            var ring = TryRead(pool, pool.IsMain ? PoolKeyring.CopyIn(pool.IndexPath) : null) ?? TryRead(pool, copy: null) ?? PoolKeyring.None;
            if (!_pools.Contains(pool)) _pools.Add(pool);
            Keep(ring);
            if (ring.Locked > 0)
            {
                Log.Locked(logger, pool.Name, ring.Locked, KeysDirectory);
                events.StorageKeyMissing(pool.Path, time.GetUtcNow(), ring.Locked);
            }

            return ring;
        }
    }

    /// <summary>Takes in what a keyring holds.</summary>
    public void Keep(PoolKeyring ring)
    {
        foreach (var key in ring.Keys) _keys.GetOrAdd(key.Id, static (id, k) => new DataKey(id, k.Key.Span), key);
    }

    /// <summary>Brings a fragment that was read into its canonical form, in place.</summary>
    /// <param name="fragment">All of it, as stored.</param>
    /// <param name="path">Of the file, for the log.</param>
    public Restored Restore(Span<byte> fragment, string path)
    {
        var restored = FragmentRestoration.Restore(fragment, Find);
        if (restored == Restored.KeyMissing && EncryptedFragment.TryReadKeyId(fragment, out ulong id)) TellMissing(id, path);
        return restored;
    }

    /// <summary>Says once of each key that it is not there.</summary>
    /// <param name="path">Of a file that it encrypts.</param>
    public void TellMissing(ulong id, string path)
    {
        if (_missing.TryAdd(id, true)) Log.KeyMissing(logger, path, id, KeysDirectory);
    }

    /// <summary>The key with an id; null when nobody has it.</summary>
    public DataKey? Find(ulong id)
    {
        if (_keys.TryGetValue(id, out var key)) return key;
        LookForMore();
        return _keys.GetValueOrDefault(id);
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
    }

    private void LookForMore()
    {
        lock (_gate)
        {
            if (_lookedAt != 0 && time.GetElapsedTime(_lookedAt) < LookAgain) return;
            _lookedAt = time.GetTimestamp();
            foreach (var pool in _pools.Where(p => p.IsMain || p.IsThere))
            {
                if (TryRead(pool, PoolKeyring.CopyIn(pool.IndexPath)) is { } ring) Keep(ring);
            }

            // What was moved here from a pool that is not configured any more.
            if (Try("*", () => PoolKeyring.ReadAll(KeysDirectory, [])) is { } all) Keep(all);
        }
    }

    private PoolKeyring? TryRead(PoolRoot pool, string? copy) => Try(pool.Name, () => PoolKeyring.Read(KeysDirectory, pool.Name, copy));

    /// <returns>Null, and it is in the log, when a file is damaged or cannot be read.</returns>
    private PoolKeyring? Try(string pool, Func<PoolKeyring> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Log.Unreadable(logger, pool, e.Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            3820, LogLevel.Error,
            "Pool {Pool}: {Keys} keys of encrypted recordings cannot be opened, because the pool key that they are wrapped with is not in {Folder}. What they encrypted cannot be "
            + "played, and nothing of it is deleted for that; put the key file back, and it plays again. Recording goes on")]
        public static partial void Locked(ILogger logger, string pool, int keys, string folder);

        [LoggerMessage(3821, LogLevel.Error, "{Path} is encrypted with key {KeyId:x16}, which is not in {Folder}: it cannot be read until its key file is put back")]
        public static partial void KeyMissing(ILogger logger, string path, ulong keyId, string folder);

        [LoggerMessage(3822, LogLevel.Error, "The keys of pool {Pool} cannot be read ({Reason}); they are looked for again")]
        public static partial void Unreadable(ILogger logger, string pool, string reason);
    }
}
