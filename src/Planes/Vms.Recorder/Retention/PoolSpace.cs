using Vms.Recorder.Gaps;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Retention;

/// <summary>How much room the pool has, and how much it should have. One caller at a time.</summary>
internal sealed class PoolSpace
{
    /// <summary>So much must be free beyond the minimum before recording goes on: no stop and go at the edge.</summary>
    private const long RoomAgain = 1L << 20;

    /// <summary>Of the pool.</summary>
    private const double MostHeadroom = 0.1;

    private readonly StoragePool _pool;
    private readonly ArchiveInventory _inventory;
    private readonly GapLedger _ledger;
    private readonly RecorderOptions _options;
    private readonly TimeProvider _time;
    private long _measuredAt;
    private long _measuredBytes;
    private double _bytesPerSecond;

    public PoolSpace(StoragePool pool, ArchiveInventory inventory, GapLedger ledger, RecorderOptions options, TimeProvider time)
    {
        _pool = pool;
        _inventory = inventory;
        _ledger = ledger;
        _options = options;
        _time = time;
        _measuredAt = time.GetTimestamp();
    }

    public long VolumeFreeBytes => _pool.Volume.FreeBytes;

    /// <summary>What always stays free; below it nothing is recorded.</summary>
    public long MinFreeBytes => _options.MinFreeBytes;

    /// <summary>So much makes an end of being full.</summary>
    public long FreeAgainBytes => _options.MinFreeBytes + Math.Max(RoomAgain, _options.MinFreeBytes / 10);

    /// <summary>Free space as the rules see it: of the file system, and of the pool's own ceiling when it has one.</summary>
    public long FreeBytes()
    {
        long free = _pool.Volume.FreeBytes;
        if (_options.PoolBytes > 0)
        {
            free = Math.Min(free, _options.PoolBytes - UsedBytes());
        }

        return free;
    }

    public long UsedBytes() => _inventory.Streams().Sum(s => _inventory.BytesOf(s.CameraId, s.Stream));

    /// <summary>What should be free: the minimum, and room for the coming hours.</summary>
    public long WantedBytes(long free) => _options.MinFreeBytes + Headroom(free);

    /// <summary>What recordings may fill before the oldest go.</summary>
    public long CapacityBytes()
    {
        long free = FreeBytes();
        return Math.Max(0, UsedBytes() + free - WantedBytes(free));
    }

    public void MeasureBitrate()
    {
        var elapsed = _time.GetElapsedTime(_measuredAt);
        if (elapsed < TimeSpan.FromSeconds(10))
        {
            return;
        }

        long bytes = _ledger.BytesTotal;
        _bytesPerSecond = (bytes - _measuredBytes) / elapsed.TotalSeconds;
        _measuredBytes = bytes;
        _measuredAt = _time.GetTimestamp();
    }

    /// <summary>Room for the coming hours, but never more than a part of what the pool can hold: a small disk under many cameras would be kept
    /// empty, and every recording deleted within seconds.</summary>
    /// <param name="bytesPerSecond">Of all recordings now.</param>
    /// <param name="hours">As the operator set it.</param>
    /// <param name="capacity">Bytes of recordings that the pool holds when it is full.</param>
    internal static long HeadroomBytes(double bytesPerSecond, double hours, long capacity) =>
        (long)Math.Min(bytesPerSecond * hours * 3600, Math.Max(0, capacity) * MostHeadroom);

    private long Headroom(long free) => HeadroomBytes(_bytesPerSecond, _options.HeadroomHours, UsedBytes() + free - _options.MinFreeBytes);
}
