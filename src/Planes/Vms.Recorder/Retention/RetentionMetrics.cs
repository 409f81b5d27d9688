using System.Diagnostics.Metrics;

namespace Vms.Recorder.Retention;

/// <summary>What is kept and what goes.</summary>
internal sealed class RetentionMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Recorder.Retention");
    private readonly Counter<long> _deleted;
    private int _undeletableFiles;
    private double _forecastDays;
    private volatile KeptBytes _kept = new(0, 0, 0);

    public RetentionMetrics(IReadOnlyList<PoolSpace> spaces)
    {
        _deleted = _meter.CreateCounter<long>("vms_recorder_segments_deleted_total", null, "Segments deleted, by reason.");
        IEnumerable<Measurement<T>> OfPools<T>(Func<PoolSpace, T> value)
            where T : struct =>
            spaces.Where(s => s.Pool.IsThere).Select(s => new Measurement<T>(value(s), new KeyValuePair<string, object?>("pool", s.Pool.Name)));

        _meter.CreateObservableGauge("vms_recorder_pool_used_bytes", () => OfPools(s => s.Pool.UsedBytes), "By", "Recordings in the pool, as of the last sweep.");
        _meter.CreateObservableGauge(
            "vms_recorder_pool_capacity_bytes", () => OfPools(s => s.Capacity), "By", "What recordings may fill before the oldest go, as of the last sweep.");
        _meter.CreateObservableGauge(
            "vms_recorder_pool_headroom_hours",
            () => OfPools(s => s.RoomHours),
            "h",
            "Hours until the pool has no more than the minimum free, at its usual bitrate and if nothing were deleted; 0: not known yet.");
        _meter.CreateObservableGauge(
            "vms_recorder_pool_days", () => OfPools(s => s.Days), "d", "Days of video that this pool holds at its usual bitrate; 0: not known yet.");
        _meter.CreateObservableGauge(
            "vms_recorder_undeletable_files",
            () => Volatile.Read(ref _undeletableFiles),
            null,
            "Segment files whose deletion failed; it is tried again, at the latest after 10 minutes.");
        _meter.CreateObservableGauge(
            "vms_recorder_kept_bytes", Kept, "By", "Recordings that a hold, a clip or a bookmark keeps, by the strongest of them; at most 10 minutes old.");
        _meter.CreateObservableGauge(
            "vms_recorder_pool_forecast_days",
            () => Volatile.Read(ref _forecastDays),
            "d",
            "Days of video that all pools hold at the bitrate of the last day; 0: not known yet.");
    }

    public void Deleted(string reason) => _deleted.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Swept(int undeletableFiles, KeptBytes kept, double forecastDays)
    {
        Volatile.Write(ref _undeletableFiles, undeletableFiles);
        Volatile.Write(ref _forecastDays, forecastDays);
        _kept = kept;
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Kept() =>
    [
        new(_kept.Hold, new KeyValuePair<string, object?>("by", "hold")),
        new(_kept.Clip, new KeyValuePair<string, object?>("by", "clip")),
        new(_kept.Bookmark, new KeyValuePair<string, object?>("by", "bookmark")),
    ];
}

/// <summary>How much each kind of wish keeps.</summary>
internal sealed record KeptBytes(long Hold, long Clip, long Bookmark)
{
    /// <summary>What no rule and no full disk deletes.</summary>
    public long Held => Hold + Clip;
}
