using Vms.Recorder.Pictures;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Retention;

/// <summary>How much room a pool has, and how much it should have. One caller at a time.</summary>
internal sealed class PoolSpace
{
    /// <summary>So much must be free beyond the minimum before recording goes on: no stop and go at the edge.</summary>
    private const long RoomAgain = 1L << 20;

    /// <summary>Of the pool.</summary>
    private const double MostHeadroom = 0.1;

    /// <summary>How much of the rate an hour ago still counts: a pool is written to in turns.</summary>
    private static readonly TimeSpan s_memory = TimeSpan.FromHours(1);

    private readonly ArchiveInventory _inventory;
    private readonly EventPictureFolder _pictures;
    private readonly TimeProvider _time;
    private long _measuredAt;
    private long _measuredBytes;
    private double _bytesPerSecond;
    private double _usualBytesPerSecond;
    private TimeSpan _measured;
    private long? _used;        // of this sweep, while nothing was deleted

    public PoolSpace(StoragePool pool, ArchiveInventory inventory, TimeProvider time)
    {
        Pool = pool;
        _inventory = inventory;
        _pictures = new EventPictureFolder(pool.Home);
        _time = time;
        _measuredAt = time.GetTimestamp();
    }

    public StoragePool Pool { get; }

    /// <summary>What always stays free; below it nothing is recorded.</summary>
    public long MinFreeBytes => Pool.Spec.MinFreeBytes;

    /// <summary>So much makes an end of being full.</summary>
    public long FreeAgainBytes => MinFreeBytes + Math.Max(RoomAgain, MinFreeBytes / 10);

    /// <summary>As of the last sweep.</summary>
    public long Capacity { get; private set; }

    /// <summary>How many hours of room there are above the minimum, at the usual bitrate of this pool; 0 while that is not known.</summary>
    public double RoomHours { get; private set; }

    /// <summary>How many days it holds at that bitrate; 0 while that is not known.</summary>
    public double Days { get; private set; }

    /// <summary>Free space as the rules see it: of the file system, and of the pool's own ceiling when it has one.</summary>
    public long FreeBytes()
    {
        long free = Pool.FreeBytes;
        if (Pool.Spec.MaxBytes > 0)
        {
            free = Math.Min(free, Pool.Spec.MaxBytes - UsedBytes());
        }

        return free;
    }

    /// <summary>What recordings and the stills of events take. Measured once, until <see cref="Changed"/>: that looks into every folder of the pool, and one sweep asks several times.</summary>
    public long UsedBytes()
    {
        if (_used is not { } used)
        {
            _used = used = _inventory.Streams().Sum(s => _inventory.BytesOf(s.CameraId, s.Stream, Pool.Home)) + _pictures.UsedBytes();
            Pool.UsedBytes = used;
        }

        return used;
    }

    /// <summary>A sweep begins, or something was deleted: what is used is measured again when somebody asks.</summary>
    public void Changed() => _used = null;

    /// <summary>What should be free: the minimum, and room for the coming hours.</summary>
    public long WantedBytes(long free) => MinFreeBytes + Headroom(free);

    /// <summary>What recordings may fill before the oldest go.</summary>
    public long CapacityBytes()
    {
        long free = FreeBytes();
        return Capacity = Math.Max(0, UsedBytes() + free - WantedBytes(free));
    }

    public void MeasureBitrate()
    {
        var elapsed = _time.GetElapsedTime(_measuredAt);
        if (elapsed < TimeSpan.FromSeconds(10))
        {
            return;
        }

        long bytes = Pool.BytesWritten;
        _bytesPerSecond = (bytes - _measuredBytes) / elapsed.TotalSeconds;
        _measured += elapsed;
        double weight = elapsed / (_measured < s_memory ? _measured : s_memory);
        _usualBytesPerSecond += (_bytesPerSecond - _usualBytesPerSecond) * Math.Min(1, weight);
        _measuredBytes = bytes;
        _measuredAt = _time.GetTimestamp();
    }

    /// <summary>Works out <see cref="RoomHours"/> and <see cref="Days"/>, after the capacity.</summary>
    public void Forecast()
    {
        long room = Math.Max(0, FreeBytes() - MinFreeBytes);
        RoomHours = _usualBytesPerSecond > 0 ? room / _usualBytesPerSecond / 3600 : 0;
        Days = _usualBytesPerSecond > 0 ? Capacity / _usualBytesPerSecond / 86_400 : 0;
    }

    /// <summary>Room for the coming hours, but never more than a part of what the pool can hold: a small disk under many cameras would be kept
    /// empty, and every recording deleted within seconds.</summary>
    /// <param name="bytesPerSecond">Into the pool now.</param>
    /// <param name="hours">As the operator set it.</param>
    /// <param name="capacity">Bytes of recordings that the pool holds when it is full.</param>
    internal static long HeadroomBytes(double bytesPerSecond, double hours, long capacity) =>
        (long)Math.Min(bytesPerSecond * hours * 3600, Math.Max(0, capacity) * MostHeadroom);

    private long Headroom(long free) => HeadroomBytes(_bytesPerSecond, Pool.Spec.HeadroomHours, UsedBytes() + free - MinFreeBytes);
}
