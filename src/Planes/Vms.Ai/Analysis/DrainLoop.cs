using Vms.Ai.Crashes;
using Vms.Hosting;
using Vms.Native.Processes;

namespace Vms.Ai.Analysis;

/// <summary>
/// The threads that read, decode and look at the streams under analysis: as many as the machine can spare, the streams spread evenly over them. They give
/// way to everything else on the machine. Streams come and go by replacing a thread's array, from any thread.
/// </summary>
internal sealed class DrainLoop : IDisposable
{
    private const int MaxThreads = 64;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(40);

    private readonly AnalysisParts _parts;
    private readonly Worker[] _workers;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Lock _gate = new();
    private volatile StreamAnalysis[] _streams = [];

    public DrainLoop(ProgressMonitor progress, AnalysisParts parts)
    {
        _parts = parts;
        int count = Math.Clamp(Environment.ProcessorCount / 2, 1, MaxThreads);
        _workers = [.. Enumerable.Range(0, count).Select(i => new Worker(this, i, progress.Register($"analysis {i}")))];
    }

    internal IReadOnlyList<StreamAnalysis> Streams => _streams;

    internal void Start()
    {
        foreach (Worker worker in _workers)
            worker.Thread.Start();
    }

    internal void Add(StreamAnalysis stream)
    {
        lock (_gate)
        {
            Worker freest = _workers.MinBy(w => w.Streams.Length)!;
            stream.Place = freest.Place;
            stream.Wake = freest.Wake;
            freest.Streams = [.. freest.Streams, stream];
            _streams = [.. _streams, stream];
        }
    }

    internal void Remove(StreamAnalysis stream)
    {
        lock (_gate)
        {
            _streams = [.. _streams.Where(s => s != stream)];
            Worker worker = _workers[stream.Place];
            worker.Streams = [.. worker.Streams.Where(s => s != stream)];
            worker.Removed.Add(stream);
        }
    }

    /// <summary>Returns when the threads have ended. Any thread but those.</summary>
    internal void Stop()
    {
        _stop.Set();
        foreach (Worker worker in _workers)
            worker.Wake();
        foreach (Worker worker in _workers.Where(w => w.Thread.IsAlive))
            worker.Thread.Join();
    }

    public void Dispose()
    {
        Stop();
        foreach (Worker worker in _workers)
            worker.Dispose();
        _stop.Dispose();
    }

    /// <summary>One thread and its streams.</summary>
    private sealed class Worker : IDisposable
    {
        private readonly DrainLoop _loop;
        private readonly Progress _progress;
        private readonly ManualResetEventSlim _wake = new();
        private long _busyTicks, _since;

        internal Worker(DrainLoop loop, int place, Progress progress)
        {
            (_loop, Place, _progress) = (loop, place, progress);
            Thread = new Thread(Run) { Name = $"analysis {place}", IsBackground = true };
            _since = loop._parts.Time.GetTimestamp();
        }

        internal Thread Thread { get; }

        internal int Place { get; }

        internal List<StreamAnalysis> Removed { get; } = [];   // guarded by the gate; disposed by the thread that reads with them

        internal volatile StreamAnalysis[] Streams = [];

        internal void Wake() => _wake.Set();

        /// <summary>Since this was asked last.</summary>
        internal double BusyShare()
        {
            long now = _loop._parts.Time.GetTimestamp();
            double passed = _loop._parts.Time.GetElapsedTime(Interlocked.Exchange(ref _since, now), now).Ticks;
            return passed <= 0 ? 0 : Math.Clamp(Interlocked.Exchange(ref _busyTicks, 0) / passed, 0, 1);
        }

        private void Run()
        {
            IdleThread.LetOthersGoFirst();
            TimeProvider time = _loop._parts.Time;
            while (!_loop._stop.IsSet)
            {
                _progress.Beat();
                _wake.Reset();
                long began = time.GetTimestamp();
                TimeSpan waitedBefore = Suspects.Waited;
                bool more = false;
                foreach (StreamAnalysis stream in Streams)
                    more |= stream.Drain();
                DisposeRemoved();
                Interlocked.Add(ref _busyTicks, (time.GetElapsedTime(began) - (Suspects.Waited - waitedBefore)).Ticks);
                _loop._parts.Load.Look(() => _loop._workers.Max(w => w.BusyShare()), _loop._parts.Detection.Refused());
                if (!more)
                    _wake.Wait(s_interval);
            }

            foreach (StreamAnalysis stream in Streams)
                stream.Dispose();
            while (!DisposeRemoved())
            {
                _wake.Wait(s_interval);
                _wake.Reset();
            }
        }

        /// <returns>False while there are some that cannot be ended yet.</returns>
        private bool DisposeRemoved()
        {
            lock (_loop._gate)
            {
                Removed.RemoveAll(stream =>
                {
                    if (!stream.TryEnd())
                        return false;
                    stream.Dispose();
                    return true;
                });
                return Removed.Count == 0;
            }
        }

        public void Dispose()
        {
            _progress.Dispose();
            _wake.Dispose();
        }
    }
}
