using System.Collections.Concurrent;
using Vms.Hosting;

namespace Vms.Media.Egress;

/// <summary>
/// One of the few threads that read stream logs for viewers. A stream belongs to one thread for as long as it has viewers, so
/// its packets, history and viewers need no locks. It sleeps until a log grows or a burst is due.
/// </summary>
/// <remarks><see cref="Wake"/> and <see cref="Post"/> from any thread; everything else on the thread itself.</remarks>
internal sealed partial class EgressThread : IDisposable
{
    /// <summary>Longest sleep: proof of life, and readers look for a log that moved.</summary>
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromMilliseconds(250);

    /// <summary>The same without a viewer: proof of life only.</summary>
    private static readonly TimeSpan s_longestIdle = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly ILogger _logger;
    private readonly Progress _progress;
    private readonly Thread _thread;
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly List<StreamEgress> _streams = [];
    private int _awake;             // 1 while the thread runs or has been woken
    private volatile bool _stopping;

    public EgressThread(int number, TimeProvider time, ProgressMonitor progress, ILogger logger)
    {
        Number = number;
        _time = time;
        _started = time.GetTimestamp();
        _logger = logger;
        _progress = progress.Register($"egress {number}");
        _thread = new Thread(Run) { Name = $"vms egress {number}", IsBackground = true };
    }

    /// <summary>0 .. count - 1.</summary>
    public int Number { get; }

    /// <summary>Monotonic, since the thread was made.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_started);

    public void Start() => _thread.Start();

    /// <summary>Runs something between two turns, in order. Not for anything per sample.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        Wake();
    }

    /// <summary>Ends the sleep. Cheap when the thread does not sleep; never blocks.</summary>
    public void Wake()
    {
        if (!_stopping && Interlocked.Exchange(ref _awake, 1) == 0)
            _wake.Set();
    }

    /// <summary>On the thread: takes a stream under care.</summary>
    public void Add(StreamEgress stream) => _streams.Add(stream);

    /// <summary>On the thread: the stream's last viewer has gone.</summary>
    public void Remove(StreamEgress stream) => _streams.Remove(stream);

    /// <summary>Ends the thread after what has been posted so far. Its streams are closed by their owners before.</summary>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        if (_thread.IsAlive)
            _thread.Join();
        _progress.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            // From here on a wake-up is noted even though we do not sleep yet.
            Interlocked.Exchange(ref _awake, 0);
            var due = RunPostedAndTurns();
            _progress.Beat();
            var sleep = due - Now;
            if (sleep > TimeSpan.Zero && Volatile.Read(ref _awake) == 0)
                _wake.WaitOne(RoundUp(sleep));
        }

        RunPosted();
    }

    /// <summary>One round: what was posted, then every stream's turn.</summary>
    /// <returns>When the next turn is due if nothing wakes us.</returns>
    internal TimeSpan RunPostedAndTurns()
    {
        RunPosted();
        var now = Now;
        var due = now + (_streams.Count > 0 ? s_longestSleep : s_longestIdle);
        foreach (var stream in _streams)
        {
            if (stream.WantsTurn(now))
                Turn(stream, now);
            if (stream.Due < due)
                due = stream.Due;
        }

        return due;
    }

    private void RunPosted()
    {
        while (_posted.TryDequeue(out var action))
            action();
    }

    /// <summary>A fault in one stream must not end the others' pictures: it is logged, and that stream starts over.</summary>
    private void Turn(StreamEgress stream, TimeSpan now)
    {
        try
        {
            stream.Turn(now);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.TurnFailed(_logger, e, stream.Stream.CameraId, stream.Stream.Name);
            stream.StartOver();
        }
    }

    private static int RoundUp(TimeSpan sleep) => (int)Math.Ceiling(Math.Min(sleep.TotalMilliseconds, s_longestIdle.TotalMilliseconds));

    private static partial class Log
    {
        [LoggerMessage(2500, LogLevel.Error, "Camera {CameraId} {Stream}: sending to viewers failed, starting over from the next keyframe")]
        public static partial void TurnFailed(ILogger logger, Exception exception, string cameraId, string stream);
    }
}
