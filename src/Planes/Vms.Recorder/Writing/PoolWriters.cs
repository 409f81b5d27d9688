using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.AtRest;
using Vms.Recorder.Events;
using Vms.Recorder.Pools;
using Vms.Recorder.Retention;

namespace Vms.Recorder.Writing;

/// <summary>The writers of all pools that are recorded to, and the choice between them. The choice is the drain thread's.</summary>
internal sealed class PoolWriters : IDisposable
{
    private readonly PoolBalance _balance;

    public PoolWriters(
        StoragePools pools,
        IndexJournal journal,
        OpenSegments open,
        RetentionSweep retention,
        RecorderEvents events,
        PoolEncryptions encryptions,
        RecorderOptions options,
        ProgressMonitor progress,
        PoolMetrics metrics,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        All =
        [
            .. from pool in pools.All
               where pool.Spec.IsRecordedTo
               select new PoolWriter(
                   pool,
                   journal,
                   open,
                   new PoolCommitter(pool, metrics, options, progress, time, loggers.CreateLogger<PoolCommitter>()),
                   retention,
                   events,
                   new DirectWrites(pool, options, time, loggers.CreateLogger<DirectWrites>()),
                   encryptions.Of(pool),
                   options,
                   progress,
                   loggers.CreateLogger<PoolWriter>()),
        ];
        _balance = new PoolBalance(All.Count);
        metrics.Watch(All);
    }

    /// <summary>The main pool's first.</summary>
    public IReadOnlyList<PoolWriter> All { get; }

    public PoolWriter Main => All[0];

    /// <summary>The writer of the pool that a file is in; null when that is not recorded to.</summary>
    public PoolWriter? Of(ArchiveLayout layout, string path)
    {
        var home = layout.RootOf(path);
        return All.FirstOrDefault(w => w.Pool.Home == home);
    }

    /// <summary>Is there a pool that can be recorded to, beside this one?</summary>
    public bool HasOther(PoolWriter writer) => All.Any(w => w != writer && w.Pool.CanRecord);

    /// <summary>The pool for a stream's next segment: the one it is in as long as that has not got more than its share, else the one that lacks most.
    /// Shares are by free space.</summary>
    /// <param name="now">Where the stream is recorded to; null for nowhere yet.</param>
    /// <param name="bytes">That the segment is expected to take.</param>
    /// <param name="without">A pool that is left; null for none.</param>
    /// <returns>Null when none can be recorded to.</returns>
    public PoolWriter? Choose(PoolWriter? now, long bytes, PoolWriter? without = null)
    {
        if (All.Count == 1)
        {
            return without is null && Main.Pool.CanRecord ? Main : null;
        }

        var rooms = All.Select(w => w != without && w.Pool.CanRecord ? RoomOf(w.Pool) : 0).ToArray();
        int chosen = _balance.Choose(rooms, now is null ? -1 : IndexOf(now), bytes);
        return chosen < 0 ? null : All[chosen];
    }

    /// <summary>A segment took another number of bytes than was expected of it.</summary>
    public void Correct(PoolWriter writer, long bytes)
    {
        if (All.Count > 1)
        {
            _balance.Correct(IndexOf(writer), bytes);
        }
    }

    /// <summary>The drain thread has gone through all stream logs.</summary>
    public void Wake()
    {
        foreach (var writer in All)
        {
            writer.Queue.Wake();
        }
    }

    public void Start()
    {
        foreach (var writer in All)
        {
            writer.Start();
        }
    }

    /// <summary>Writes and commits what is queued, in all pools, then ends. The caller has stopped the producer.</summary>
    public void Stop() => Parallel.ForEach(All, writer => writer.Stop());

    public void Dispose()
    {
        foreach (var writer in All)
        {
            writer.Dispose();
        }
    }

    /// <summary>Room that counts for the share of a pool: never less than a part of what it holds, because retention makes room again.</summary>
    private static long RoomOf(StoragePool pool)
    {
        long free = Math.Max(0, pool.MeasuredFreeBytes - pool.Spec.MinFreeBytes);
        long used = pool.UsedBytes;
        if (pool.Spec.MaxBytes > 0)
        {
            free = Math.Clamp(pool.Spec.MaxBytes - used, 0, free);
        }

        return Math.Max(1, Math.Max(free, (free + used) / 10));
    }

    private int IndexOf(PoolWriter writer)
    {
        for (int i = 0; i < All.Count; i++)
        {
            if (All[i] == writer)
            {
                return i;
            }
        }

        return -1;
    }
}
