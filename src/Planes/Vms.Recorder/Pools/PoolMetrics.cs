using System.Diagnostics.Metrics;
using Vms.Hosting;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Pools;

/// <summary>What is measured of every storage pool, told apart by the label <c>pool</c>.</summary>
internal sealed class PoolMetrics : IDisposable
{
    private readonly StoragePools _pools;
    private readonly Meter _meter = new("Vms.Recorder.Pool");
    private readonly Histogram<double> _commitSeconds;
    private readonly Counter<long> _commitFailures;
    private volatile IReadOnlyList<PoolWriter> _writers = [];

    public PoolMetrics(StoragePools pools)
    {
        _pools = pools;
        _commitSeconds = _meter.CreateHistogram<double>("vms_commit_seconds", "s", "Time to make everything written durable.");
        _commitFailures = _meter.CreateCounter<long>("vms_commit_failures_total", null, "Commits after which some data may not be on the disk.");
        _meter.CreateObservableGauge("vms_recorder_pool_free_bytes", () => OfPools(p => p.MeasuredFreeBytes), "By", "Free space of the pool's file system.");
        _meter.CreateObservableGauge("vms_recorder_pool_state", States, null, "1 for the state that the pool is in: ready, full, failed or away.");
        _meter.CreateObservableGauge("vms_recorder_queue_bytes", () => OfWriters(w => w.Queue.QueuedBytes), "By", "Fragments that wait for the disk.");
        _meter.CreateObservableGauge(
            "vms_recorder_direct_io", () => OfWriters(w => w.Direct.Active ? 1 : 0), null, "1 while fragments are written past the page cache.");
    }

    /// <summary>From now on these are measured, too.</summary>
    public void Watch(IReadOnlyList<PoolWriter> writers) => _writers = writers;

    public void Committed(StoragePool pool, TimeSpan took) => _commitSeconds.Record(took.TotalSeconds, Of(pool));

    public void CommitFailed(StoragePool pool) => _commitFailures.Add(1, Of(pool));

    public void Dispose() => _meter.Dispose();

    public static string NameOf(PoolState state) => state switch
    {
        PoolState.Ready => "ready",
        PoolState.Full => "full",
        PoolState.Failed => "failed",
        _ => "away",
    };

    private static KeyValuePair<string, object?> Of(StoragePool pool) => new("pool", pool.Name);

    private IEnumerable<Measurement<long>> OfPools(Func<StoragePool, long> value) =>
        _pools.All.Where(p => p.IsThere).Select(p => new Measurement<long>(value(p), Of(p)));

    private IEnumerable<Measurement<int>> OfWriters(Func<PoolWriter, int> value) => _writers.Select(w => new Measurement<int>(value(w), Of(w.Pool)));

    private IEnumerable<Measurement<int>> States() => _pools.All.Select(p => new Measurement<int>(
        1,
        Of(p),
        new KeyValuePair<string, object?>("role", p.Spec.Role == PoolRole.Archive ? "archive" : "record"),
        new KeyValuePair<string, object?>("state", NameOf(p.State.State))));
}
