using System.Diagnostics.Metrics;
using Microsoft.Win32.SafeHandles;
using Vms.Hosting;

namespace Vms.Recorder.Writing;

/// <summary>
/// The thread that makes a pool's writes durable, once per interval for all files together. A power cut costs at most one fragment,
/// one interval and the time one commit takes (docs/design/recording.md).
/// </summary>
internal sealed partial class PoolCommitter : IDisposable
{
    /// <summary>A commit that takes this long makes the stated loss at a power cut untrue: it is reported.</summary>
    private static readonly TimeSpan s_slow = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly StoragePool _pool;
    private readonly RecorderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Progress _progress;
    private readonly Lock _gate = new();
    private readonly HashSet<SegmentFile> _marked = [];
    private readonly List<(SegmentFile Segment, long Length, bool Closed)> _committing = [];
    private readonly List<SafeFileHandle> _handles = [];
    private readonly ManualResetEventSlim _stop = new();
    private readonly Meter _meter = new("Vms.Recorder.Pool");
    private readonly Histogram<double> _seconds;
    private readonly Counter<long> _failures;
    private readonly Thread _thread;
    private long _freeBytes;

    public PoolCommitter(StoragePool pool, RecorderOptions options, ProgressMonitor progress, TimeProvider time, ILogger<PoolCommitter> logger)
    {
        _pool = pool;
        _options = options;
        _time = time;
        _logger = logger;
        _progress = progress.Register("pool commit", s_patience);
        _seconds = _meter.CreateHistogram<double>("vms_commit_seconds", "s", "Time to make everything written durable.");
        _failures = _meter.CreateCounter<long>("vms_commit_failures_total", null, "Commits after which some data may not be on the disk.");
        _meter.CreateObservableGauge("vms_recorder_pool_free_bytes", () => FreeBytes, "By", "Free space of the pool's file system.");
        _freeBytes = pool.Volume.FreeBytes;
        _thread = new Thread(Run) { Name = "pool commit", IsBackground = true };
    }

    /// <summary>Free space as of the last commit.</summary>
    public long FreeBytes => Volatile.Read(ref _freeBytes);

    public void Start() => _thread.Start();

    /// <summary>Commits what was written so far and ends.</summary>
    public void Stop()
    {
        _stop.Set();
        _thread.Join();
    }

    /// <summary>Something was written to, or closed in, this segment. Any thread.</summary>
    public void MarkDirty(SegmentFile segment)
    {
        lock (_gate)
        {
            _marked.Add(segment);
        }
    }

    public void Dispose()
    {
        _progress.Dispose();
        _stop.Dispose();
        _meter.Dispose();
    }

    private void Run()
    {
        bool last;
        do
        {
            last = _stop.Wait(_options.CommitInterval);
            _progress.Beat();
            Commit();
        }
        while (!last);
    }

    private void Commit()
    {
        TakeMarked();
        if (_committing.Count > 0)
        {
            long started = _time.GetTimestamp();
            bool durable = Sync();
            var took = _time.GetElapsedTime(started);
            _seconds.Record(took.TotalSeconds);
            if (took > s_slow)
            {
                Log.Slow(_logger, _pool.Layout.Root, took.TotalSeconds);
            }

            LetGo(durable);
        }

        MeasureFree();
    }

    private void TakeMarked()
    {
        _committing.Clear();
        _handles.Clear();
        lock (_gate)
        {
            foreach (var segment in _marked)
            {
                // Closed is read first: what is added after this belongs to the next commit.
                bool closed = segment.Closed;
                _committing.Add((segment, segment.Length, closed));
                if (segment.Handle is { } handle)
                {
                    _handles.Add(handle);
                }
            }

            _marked.Clear();
        }
    }

    private bool Sync()
    {
        try
        {
            _pool.Volume.Commit(_handles);
            return true;
        }
        catch (IOException e)
        {
            _failures.Add(1);
            Log.Failed(_logger, _pool.Layout.Root, e.Message);
            return false;
        }
    }

    private void LetGo(bool durable)
    {
        foreach (var (segment, length, closed) in _committing)
        {
            if (durable)
            {
                segment.DropCommitted(length);
            }

            if (closed)
            {
                segment.Release();
            }
        }
    }

    private void MeasureFree()
    {
        try
        {
            Volatile.Write(ref _freeBytes, _pool.Volume.FreeBytes);
        }
        catch (IOException e)
        {
            Log.Failed(_logger, _pool.Layout.Root, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3110, LogLevel.Error, "Pool {Root}: commit failed ({Reason}); the last seconds of video may not be on the disk")]
        public static partial void Failed(ILogger logger, string root, string reason);

        [LoggerMessage(3111, LogLevel.Warning, "Pool {Root}: a commit took {Seconds:0.0} s; a power cut now would cost that much more video")]
        public static partial void Slow(ILogger logger, string root, double seconds);
    }
}
