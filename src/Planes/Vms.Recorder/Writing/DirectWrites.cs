namespace Vms.Recorder.Writing;

/// <summary>What VMS_RECORDER_DIRECT_IO says.</summary>
internal enum DirectIoMode
{
    /// <summary>Past the page cache as long as the disk keeps up that way.</summary>
    Auto,

    /// <summary>Always, where the file system can.</summary>
    On,

    Off,
}

/// <summary>
/// Decides whether a pool's fragments are written past the page cache. That costs a fraction of the CPU, but each write is waited for:
/// on a disk that must seek, many cameras may queue up behind the one writer. What a disk is cannot be asked (virtual disks call
/// themselves rotating), so it is judged by what waits in the queue.
/// </summary>
/// <remarks>Writer thread only, but for <see cref="Active"/>.</remarks>
internal sealed partial class DirectWrites
{
    /// <summary>A quarter of the queue; a disk that keeps up has one pass of the drain thread in it.</summary>
    public const int BacklogBytes = WriteQueue.DefaultCapacityBytes / 4;

    /// <summary>A backlog of this length is not one that a pause of the disk or a restart left behind.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long the page cache takes the writes before the disk gets another chance.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(10);

    private readonly StoragePool _pool;
    private readonly DirectIoMode _mode;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _slow;             // the disk did not keep up
    private long _changedAt;
    private long? _behindSince;
    private volatile bool _active;  // the last fragment went past the page cache

    public DirectWrites(StoragePool pool, RecorderOptions options, TimeProvider time, ILogger logger)
    {
        _pool = pool;
        _mode = options.DirectIo;
        _time = time;
        _logger = logger;
    }

    /// <summary>The newest fragment went past the page cache. Any thread.</summary>
    public bool Active => _active;

    /// <summary>Shall the next fragment go past the page cache?</summary>
    /// <param name="queuedBytes">What waits for the disk.</param>
    public bool Wanted(int queuedBytes)
    {
        if (_mode != DirectIoMode.Auto)
        {
            return _mode == DirectIoMode.On;
        }

        long now = _time.GetTimestamp();
        bool behind = queuedBytes > BacklogBytes;
        if (_slow)
        {
            _slow = behind || _time.GetElapsedTime(_changedAt, now) < RetryInterval;
            return !_slow;
        }

        if (!behind)
        {
            _behindSince = null;
        }
        else if (_behindSince is not { } since)
        {
            _behindSince = now;
        }
        else if (_time.GetElapsedTime(since, now) >= Patience)
        {
            _slow = true;
            _changedAt = now;
            _behindSince = null;
            Log.TooSlow(_logger, _pool.Root, queuedBytes, RetryInterval.TotalMinutes);
        }

        return !_slow;
    }

    /// <summary>A fragment was written.</summary>
    public void Wrote(bool direct) => _active = direct;

    private static partial class Log
    {
        [LoggerMessage(3104, LogLevel.Information,
            "Pool {Root}: the disk does not keep up with writes past the page cache ({Bytes} bytes wait); they go through it for the next {Minutes} minutes")]
        public static partial void TooSlow(ILogger logger, string root, int bytes, double minutes);
    }
}
