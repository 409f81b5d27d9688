using System.Collections.Concurrent;
using Vms.Hosting;

namespace Vms.Recorder.Writing;

/// <summary>The one thread that reads all stream logs, a few times a second. No task and no timer per camera.</summary>
internal sealed partial class DrainLoop : IDisposable
{
    private readonly RecorderOptions _options;
    private readonly PoolWriters _pools;
    private readonly ILogger _logger;
    private readonly Progress _progress;
    private readonly Thread _thread;
    private readonly List<RecordingWriter> _writers = [];
    private readonly ConcurrentQueue<Action> _commands = new();
    private readonly AutoResetEvent _wake = new(false);
    private volatile bool _stopping;

    public DrainLoop(PoolWriters pools, RecorderOptions options, ProgressMonitor progress, ILogger<DrainLoop> logger)
    {
        _options = options;
        _pools = pools;
        _logger = logger;
        _progress = progress.Register("drain");
        _thread = new Thread(Run) { Name = "drain", IsBackground = true };
    }

    /// <summary>Raised on the drain thread with a recording that had to be let go of.</summary>
    public event Action<RecordingWriter>? Broken;

    public void Start() => _thread.Start();

    /// <summary>Reads what is in the logs once more, ends all recordings, and ends. Any thread but the drain thread.</summary>
    public void Stop()
    {
        _stopping = true;
        _wake.Set();
        _thread.Join();
    }

    public Task AddAsync(RecordingWriter writer) => DoAsync(() => _writers.Add(writer));

    /// <summary>Ends one recording; when the task completes, all of it is queued.</summary>
    public Task RemoveAsync(RecordingWriter writer) => DoAsync(() =>
    {
        if (_writers.Remove(writer))
        {
            DrainOne(writer);
            writer.Stop();
        }
    });

    /// <summary>Runs an action between two passes.</summary>
    public Task DoAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _commands.Enqueue(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        _wake.Set();
        return done.Task;
    }

    public void Dispose()
    {
        _progress.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            _progress.Beat();
            RunCommands();
            bool more = false;
            for (int i = _writers.Count - 1; i >= 0; i--)
            {
                more |= DrainOne(_writers[i]);
            }

            _pools.Wake();
            if (!more)
            {
                _wake.WaitOne(_options.DrainInterval);
            }
        }

        RunCommands();
        foreach (var writer in _writers.ToList())
        {
            DrainOne(writer);
            writer.Stop();
        }
    }

    private void RunCommands()
    {
        while (_commands.TryDequeue(out var command))
        {
            command();
        }
    }

    private bool DrainOne(RecordingWriter writer)
    {
        try
        {
            return writer.Drain();
        }
        catch (Exception e)
        {
            // One camera's surprise must not stop the others.
            Log.Broken(_logger, e, writer.CameraId, writer.Stream);
            _writers.Remove(writer);
            writer.Abandon();
            Broken?.Invoke(writer);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3140, LogLevel.Error, "Camera {CameraId} {Stream}: recording met something unforeseen; it begins again from what is on disk")]
        public static partial void Broken(ILogger logger, Exception error, string cameraId, string stream);
    }
}
