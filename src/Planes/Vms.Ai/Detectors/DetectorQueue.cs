using Vms.Ai.Crashes;
using Vms.Ai.Models;
using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Detectors;

/// <summary>
/// One model and the threads that run it for all cameras. As many pictures wait as there is room for; more are refused and counted. What cannot
/// be loaded or run is said once, and tried again after a while. Any thread.
/// </summary>
/// <remarks>Threads of their own: a run takes up to a tenth of a second of a processor, which would starve whatever else the pool's threads do.</remarks>
internal sealed partial class DetectorQueue : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly string _name;
    private readonly Func<ObjectModel> _load;
    private readonly DetectorPoolOptions _options;
    private readonly ModelCrashes _crashes;
    private readonly string _key;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _modelGate = new();
    private readonly Thread[] _threads;
    private readonly object _gate = new();
    private readonly Queue<DetectorRequest> _waiting;   // guarded by the gate, as what follows
    private readonly Queue<DetectorRequest> _free;
    private bool _ended;
    private int _workers;
    private long _refused;
    private long _done;
    private double _runMs;
    private ObjectModel? _model;                        // guarded by the model's gate; closed by the last thread
    private volatile DetectorStatus _status;

    /// <param name="key">By which it is known to have ended the process.</param>
    internal DetectorQueue(string name, Func<ObjectModel> load, DetectorPoolOptions options, ModelCrashes crashes, string key, TimeProvider time, ILogger logger)
    {
        (_name, _load, _options, _crashes, _key, _time, _logger) = (name, load, options, crashes, key, time, logger);
        _status = new DetectorStatus(name, DetectorState.Loading, null);
        _waiting = new Queue<DetectorRequest>(options.Room);
        _free = new Queue<DetectorRequest>(options.Room);
        _workers = options.Workers;
        _threads = [.. Enumerable.Range(0, options.Workers).Select(
            i => new Thread(Work) { IsBackground = true, Name = $"detector {name} {i}", Priority = ThreadPriority.BelowNormal })];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    internal DetectorStatus Status => _status;

    internal DetectorLoad Load
    {
        get
        {
            lock (_gate)
                return new DetectorLoad(_waiting.Count, _options.Room, _done, _refused, TimeSpan.FromMilliseconds(_runMs));
        }
    }

    /// <returns>Null at once when there is no room.</returns>
    /// <exception cref="ModelException">The model failed.</exception>
    internal ValueTask<IReadOnlyList<Detection>?> DetectAsync(Picture picture, in Box region, float minScore, CancellationToken cancellationToken)
    {
        if (_status is { State: DetectorState.Failed, Problem: { } problem } status)
            throw new ModelException(problem) { IsLeftOut = status.IsLeftOut };
        lock (_gate)
        {
            if (_ended)
                throw new ModelException($"{_name}: it was taken out of the catalogue");
            if (_waiting.Count >= _options.Room)
            {
                _refused++;
                return ValueTask.FromResult<IReadOnlyList<Detection>?>(null);
            }

            if (!_free.TryDequeue(out var request))
                request = new DetectorRequest(GiveBack);
            request.Begin(picture, region, minScore);
            var answer = request.Answer(cancellationToken);
            _waiting.Enqueue(request);
            Monitor.Pulse(_gate);
            return answer;
        }
    }

    /// <summary>Whoever waits is told; the threads end after the run they are in, for which nobody waits here.</summary>
    internal void Stop()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for the threads, but not for ever: a large model may be loaded for minutes.</summary>
    public void Dispose()
    {
        Stop();
        long began = _time.GetTimestamp();
        foreach (Thread thread in _threads.Where(t => t != Thread.CurrentThread))
        {
            var left = s_patience - _time.GetElapsedTime(began);
            thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    private void Work()
    {
        var taken = new List<DetectorRequest>(ObjectModel.MostPictures);
        while (!HasEnded())
        {
            try
            {
                using var run = Open();
                Ready();
                while (Take(taken, run.MostPictures))
                    Answer(run, taken);
            }
            catch (Exception e) when (e is ModelException or InvalidDataException or DllNotFoundException)
            {
                Failed(e as ModelException ?? new ModelException($"{_name}: {e.Message}", e), taken);
                WaitForAnotherTry();
            }
        }

        EndOne();
    }

    private ObjectRun Open()
    {
        _crashes.Check(_name, _key);
        CrashBook.Dealing loading = _crashes.Begin(_key);
        try
        {
            lock (_modelGate)
                _model ??= _load();
            return new ObjectRun(_model);
        }
        finally
        {
            loading.End();
        }
    }

    /// <summary>Waits for pictures; false when there will be no more.</summary>
    private bool Take(List<DetectorRequest> taken, int most)
    {
        taken.Clear();
        lock (_gate)
        {
            while (!_ended)
            {
                while (taken.Count < most && _waiting.TryDequeue(out var request))
                {
                    if (request.TryTake())
                        taken.Add(request);
                }

                if (taken.Count > 0)
                    return true;
                Monitor.Wait(_gate);
            }

            return false;
        }
    }

    private void Answer(ObjectRun run, List<DetectorRequest> taken)
    {
        long started = _time.GetTimestamp();
        run.Begin(taken.Count);
        for (int i = 0; i < taken.Count; i++)
            run.Put(i, taken[i].Picture!, taken[i].Region);
        Run(run);
        double ms = _time.GetElapsedTime(started).TotalMilliseconds / taken.Count;
        lock (_gate)
        {
            _done += taken.Count;
            _runMs = _runMs == 0 ? ms : (_runMs * 0.9) + (ms * 0.1);
        }

        for (int i = 0; i < taken.Count; i++)
            taken[i].Complete(run.Read(i, taken[i].MinScore));
        taken.Clear();
    }

    private void Run(ObjectRun run)
    {
        CrashBook.Dealing running = _crashes.Begin(_key);
        try
        {
            run.Run();
        }
        finally
        {
            running.End();
        }
    }

    private void Ready()
    {
        if (_status.State != DetectorState.Ready)
            Log.Ready(_logger, _name, _model!.Hash[..12], _model.Provider);
        _status = new DetectorStatus(_name, DetectorState.Ready, null);
    }

    private void Failed(ModelException problem, List<DetectorRequest> taken)
    {
        bool isNews = _status.State != DetectorState.Failed;
        _status = new DetectorStatus(_name, DetectorState.Failed, problem.Message, problem.IsLeftOut);
        if (isNews)
            Log.Failed(_logger, problem.Message, _options.TryAgainAfter);
        foreach (var request in taken)
            request.Fail(problem);
        taken.Clear();
        FailWaiting(problem);
    }

    private void FailWaiting(ModelException problem)
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var request))
            {
                if (request.TryTake())
                    request.Fail(problem);
            }
        }
    }

    private void WaitForAnotherTry()
    {
        long failed = _time.GetTimestamp();
        lock (_gate)
        {
            while (!_ended && _options.TryAgainAfter - _time.GetElapsedTime(failed) is { Ticks: > 0 } left)
                Monitor.Wait(_gate, left);
        }
    }

    private void EndOne()
    {
        lock (_gate)
        {
            if (--_workers > 0)
                return;
        }

        FailWaiting(new ModelException($"{_name}: it was taken out of the catalogue"));
        _model?.Dispose();
    }

    private bool HasEnded()
    {
        lock (_gate)
            return _ended;
    }

    private void GiveBack(DetectorRequest request)
    {
        lock (_gate)
        {
            if (_free.Count < _options.Room)
                _free.Enqueue(request);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4100, LogLevel.Information, "Model {Model} ({Hash}) is ready on {Provider}")]
        public static partial void Ready(ILogger logger, string model, string hash, OnnxProvider provider);

        [LoggerMessage(4101, LogLevel.Error, "No objects are found by a model: {Problem}. Motion goes on being found; the model is tried again in {Delay}")]
        public static partial void Failed(ILogger logger, string problem, TimeSpan delay);
    }
}
