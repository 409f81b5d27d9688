using Microsoft.Win32.SafeHandles;
using Vms.Hosting;
using Vms.Recorder.Pools;

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
    private readonly PoolMetrics _metrics;
    private readonly Thread _thread;
    private bool _toldUnmeasured;

    public PoolCommitter(StoragePool pool, PoolMetrics metrics, RecorderOptions options, ProgressMonitor progress, TimeProvider time, ILogger logger)
    {
        _pool = pool;
        _options = options;
        _time = time;
        _logger = logger;
        _metrics = metrics;
        _progress = progress.Register(PoolWriter.ThreadOf("pool commit", pool), s_patience);
        _thread = new Thread(Run) { Name = PoolWriter.ThreadOf("pool commit", pool), IsBackground = true };
    }

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
            _metrics.Committed(_pool, took);
            if (took > s_slow)
            {
                Log.Slow(_logger, _pool.Root, took.TotalSeconds);
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
            _pool.Commit(_handles);
            return true;
        }
        catch (IOException e)
        {
            _metrics.CommitFailed(_pool);
            Log.Failed(_logger, _pool.Root, e.Message);
            _pool.Fail(e.Message, afterCommit: true);
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
        if (!_pool.IsThere)
        {
            return;
        }

        try
        {
            _ = _pool.FreeBytes;
            _toldUnmeasured = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_toldUnmeasured)
            {
                _toldUnmeasured = true;
                Log.NotMeasured(_logger, _pool.Root, e.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3110, LogLevel.Error, "Pool {Root}: commit failed ({Reason}); the last seconds of video may not be on the disk")]
        public static partial void Failed(ILogger logger, string root, string reason);

        [LoggerMessage(3112, LogLevel.Error, "Pool {Root}: how much is free cannot be asked ({Reason}); no more is said about it until it can")]
        public static partial void NotMeasured(ILogger logger, string root, string reason);

        [LoggerMessage(3111, LogLevel.Warning, "Pool {Root}: a commit took {Seconds:0.0} s; a power cut now would cost that much more video")]
        public static partial void Slow(ILogger logger, string root, double seconds);
    }
}
