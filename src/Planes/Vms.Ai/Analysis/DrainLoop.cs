using Vms.Hosting;

namespace Vms.Ai.Analysis;

/// <summary>The one thread that reads the logs of all streams under analysis, ten times a second. Streams come and go by replacing the
/// array, from any thread.</summary>
internal sealed class DrainLoop : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly Progress _progress;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Lock _gate = new();
    private readonly List<StreamAnalysis> _removed = [];   // guarded by the gate; disposed by the thread that reads with them
    private volatile StreamAnalysis[] _streams = [];

    public DrainLoop(ProgressMonitor progress)
    {
        _progress = progress.Register("analysis");
        _thread = new Thread(Run) { Name = "analysis", IsBackground = true };
    }

    internal IReadOnlyList<StreamAnalysis> Streams => _streams;

    internal void Start() => _thread.Start();

    internal void Add(StreamAnalysis stream)
    {
        lock (_gate)
            _streams = [.. _streams, stream];
    }

    internal void Remove(StreamAnalysis stream)
    {
        lock (_gate)
        {
            _streams = [.. _streams.Where(s => s != stream)];
            _removed.Add(stream);
        }
    }

    /// <summary>Returns when the thread has ended. Any thread but that one.</summary>
    internal void Stop()
    {
        _stop.Set();
        if (_thread.IsAlive)
            _thread.Join();
    }

    private void Run()
    {
        while (!_stop.IsSet)
        {
            _progress.Beat();
            bool more = false;
            foreach (StreamAnalysis stream in _streams)
                more |= stream.Drain();
            DisposeRemoved();
            if (!more)
                _stop.Wait(s_interval);
        }

        foreach (StreamAnalysis stream in _streams)
            stream.Dispose();
        DisposeRemoved();
    }

    private void DisposeRemoved()
    {
        lock (_gate)
        {
            foreach (StreamAnalysis stream in _removed)
                stream.Dispose();
            _removed.Clear();
        }
    }

    public void Dispose()
    {
        Stop();
        _progress.Dispose();
        _stop.Dispose();
    }
}
