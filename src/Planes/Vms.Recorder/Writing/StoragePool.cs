using Microsoft.Win32.SafeHandles;
using Vms.Hosting;
using Vms.Native.Storage;
using Vms.Recorder.Archive;
using Vms.Recorder.Pools;

namespace Vms.Recorder.Writing;

/// <summary>
/// A folder on one file system that recordings go to, held exclusively by this process while it is there. Any thread.
/// </summary>
/// <remarks>A further pool that goes away is let go of, so that its disk can be taken out, and taken again when it is back. The main pool is held
/// for as long as the process runs: it has the journal.</remarks>
internal sealed class StoragePool : IDisposable
{
    private const string LockName = "pool";

    /// <summary>So long a pool that failed is tried every second: the stream logs hold what is recorded meanwhile.</summary>
    private static readonly TimeSpan s_trySoon = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_tryLater = TimeSpan.FromSeconds(10);

    /// <summary>What a commit lost nobody writes again: such a pool is left alone for a while.</summary>
    private static readonly TimeSpan s_afterCommit = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private StorageVolume? _volume;
    private ExclusiveLock? _lock;
    private string? _away;      // why it is not there
    private string? _failure;
    private long _failedAt;
    private long _tryAt;
    private volatile bool _canRecord;
    private volatile bool _isFull;
    private long _bytesWritten;
    private long _freeBytes;
    private long _usedBytes;

    public StoragePool(PoolRoot home, ArchiveLayout layout, PoolSpec spec, TimeProvider time)
    {
        Home = home;
        Layout = layout;
        Spec = spec;
        _time = time;
        _away = "it was not looked at yet";
        home.IsThere = false;
    }

    public string Name => Home.Name;

    /// <summary>Absolute.</summary>
    public string Root => Home.Path;

    public PoolRoot Home { get; }

    /// <summary>Of all pools.</summary>
    public ArchiveLayout Layout { get; }

    public PoolSpec Spec { get; }

    public bool IsThere => Home.IsThere;

    /// <summary>Segments may be begun in it now.</summary>
    public bool CanRecord => _canRecord;

    /// <summary>Less is free than must stay free, and nothing may be deleted. Set by retention.</summary>
    public bool IsFull
    {
        get => _isFull;
        set
        {
            lock (_gate)
            {
                _isFull = value;
                Judge();
            }
        }
    }

    /// <summary>What its recordings take, as of the last sweep of retention.</summary>
    public long UsedBytes
    {
        get => Volatile.Read(ref _usedBytes);
        set => Volatile.Write(ref _usedBytes, value);
    }

    /// <summary>Bytes of recordings that went into it since the start.</summary>
    public long BytesWritten => Volatile.Read(ref _bytesWritten);

    /// <summary>What it is like now, and why, in words.</summary>
    public (PoolState State, string Reason) State
    {
        get
        {
            lock (_gate)
            {
                return _away is { } away ? (PoolState.Away, away)
                    : _failure is { } failure ? (PoolState.Failed, failure)
                    : _isFull ? (PoolState.Full, "nothing in it may be deleted")
                    : (PoolState.Ready, "");
            }
        }
    }

    /// <exception cref="IOException">The pool is not there, or its file system does not answer.</exception>
    public long FreeBytes
    {
        get
        {
            long free = Volume.FreeBytes;
            Volatile.Write(ref _freeBytes, free);
            return free;
        }
    }

    /// <summary>Free space as it was last measured; at most some seconds old while the pool is there.</summary>
    public long MeasuredFreeBytes => Volatile.Read(ref _freeBytes);

    private StorageVolume Volume => _volume ?? throw new IOException($"the pool {Name} is not there");

    /// <summary>The main pool, which the process does not run without.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="PoolTakenException">Another recorder writes to it.</exception>
    public static StoragePool OpenMain(ArchiveLayout layout, PoolSpec spec, TimeProvider time)
    {
        Directory.CreateDirectory(layout.IndexPath);
        var pool = new StoragePool(layout.Main, layout, spec, time);
        pool._lock = ExclusiveLock.TryTake(layout.IndexPath, LockName) ?? throw new PoolTakenException(layout.Root);
        pool._volume = new StorageVolume(layout.Root);
        _ = pool.FreeBytes;
        pool.Found(null);
        return pool;
    }

    /// <summary>Notes down whether its folder is the pool; takes it, or lets go of it.</summary>
    /// <param name="why">Why it is not; null when it is.</param>
    /// <returns>False when it is the main pool and another file system than the one that this process holds: it has to be opened anew.</returns>
    public bool Found(string? why)
    {
        lock (_gate)
        {
            if (why is null && Home.IsMain && !Home.IsThere && _away is not null && _lock is not null)
            {
                try
                {
                    if (!IsHeld())
                    {
                        return false;
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    why = e.Message;        // it came back read-only, or is somebody else's: looked at again
                }
            }

            if (why is null && _volume is null)
            {
                why = TryTake();
            }

            if (why is not null && !Home.IsMain)
            {
                LetGo();
            }

            _away = why;
            Home.IsThere = why is null;
            Judge();
            return true;
        }
    }

    /// <summary>It did not take something.</summary>
    /// <param name="afterCommit">What was lost nobody writes again.</param>
    public void Fail(string reason, bool afterCommit = false)
    {
        lock (_gate)
        {
            long now = _time.GetTimestamp();
            if (_failure is null)
            {
                _failedAt = now;
            }

            _failure = reason;
            _tryAt = now + Ticks(afterCommit ? s_afterCommit : TimeSpan.FromSeconds(1));
            Judge();
        }
    }

    /// <summary>Does it take something? Writes to it and makes that durable.</summary>
    /// <returns>Null when it does, else why not.</returns>
    public string? Probe()
    {
        string path = Path.Combine(Home.IndexPath, "probe");
        try
        {
            using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.Delete))
            {
                RandomAccess.Write(file, new byte[4096], 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Delete(path);
            return null;
        }
        catch (IOException e) when (StorageFile.IsDiskFull(e))
        {
            return null;        // that is retention's to say
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>Tries a pool that failed, when it is time to.</summary>
    public void TryAgain()
    {
        lock (_gate)
        {
            if (_failure is null || _away is not null || _time.GetTimestamp() < _tryAt)
            {
                return;
            }
        }

        string? why = Probe();
        lock (_gate)
        {
            _failure = why;
            _tryAt = _time.GetTimestamp() + Ticks(_time.GetElapsedTime(_failedAt) < s_trySoon ? TimeSpan.FromSeconds(1) : s_tryLater);
            Judge();
        }
    }

    /// <summary>Makes everything written to it durable.</summary>
    /// <param name="dirty">Files written since the last time. Borrowed.</param>
    /// <exception cref="IOException">Some data did not reach the disk.</exception>
    public void Commit(IReadOnlyList<SafeFileHandle> dirty)
    {
        try
        {
            Volume.Commit(dirty);
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException($"the pool {Name} is not there any more", e);
        }
    }

    public void Wrote(long bytes) => Interlocked.Add(ref _bytesWritten, bytes);

    public void Dispose()
    {
        lock (_gate)
        {
            LetGo();
        }
    }

    /// <summary>Is the lock that this process holds the one of the folder as it is now? Not when a disk was mounted over it meanwhile.</summary>
    private bool IsHeld()
    {
        using var other = ExclusiveLock.TryTake(Home.IndexPath, LockName);
        return other is null;
    }

    private string? TryTake()
    {
        try
        {
            _lock = ExclusiveLock.TryTake(Home.IndexPath, LockName);
            if (_lock is null)
            {
                return "another recorder writes to it";
            }

            _volume = new StorageVolume(Root);
            _ = FreeBytes;      // its share is known at once
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private void LetGo()
    {
        _volume?.Dispose();
        _volume = null;
        _lock?.Dispose();
        _lock = null;
    }

    private void Judge() => _canRecord = Spec.IsRecordedTo && _away is null && _failure is null && !_isFull;

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}

internal sealed class PoolTakenException(string root) : Exception($"another recorder writes to {root}; stop it first");
