using Vms.Contracts.Ai;
using Vms.Hosting;
using Vms.StreamLog;

namespace Vms.Ai.Analysis;

/// <summary>
/// The analyses this plane runs: applies what control asks for, idempotently by generation, and keeps it on disk, so that analysis starts
/// without control. Any thread; changes are applied one after the other.
/// </summary>
internal sealed partial class AnalysisRegistry(
    DesiredStateStore<DesiredAnalyses> store, StreamLogDirectory logs, DrainLoop loop, TimeProvider time, ILogger<AnalysisRegistry> logger)
{
    private readonly Lock _gate = new();
    private DesiredAnalyses _desired = DesiredAnalyses.None;   // guarded by the gate, as is the set of streams in the loop

    /// <summary>Starts what ran before this process ended.</summary>
    internal void Load()
    {
        lock (_gate)
        {
            _desired = store.Load(out string? unreadable) ?? DesiredAnalyses.None;
            if (unreadable is not null)
                Log.StateUnreadable(logger, unreadable);
            foreach (var (key, desired) in _desired.Running)
                Run(key, desired.Generation);
        }
    }

    /// <summary>Starts an analysis; the generation already applied changes nothing. False when a newer one is applied.</summary>
    internal bool Start(StreamKey key, long generation)
    {
        lock (_gate)
        {
            if (_desired.Of(key) is { } before && before.Generation >= generation)
                return before.Generation == generation && before.Runs;
            Keep(key, new DesiredAnalysis(generation, Runs: true));
            if (Find(key) is { } running)
                running.Generation = generation;
            else
                Run(key, generation);
            return true;
        }
    }

    /// <summary>False when a newer generation is applied. Nothing to stop is fine.</summary>
    internal bool Stop(StreamKey key, long generation)
    {
        lock (_gate)
        {
            if (_desired.Of(key) is not { } before)
                return true;
            if (before.Generation > generation)
                return false;
            Keep(key, new DesiredAnalysis(generation, Runs: false));
            if (Find(key) is { } running)
            {
                loop.Remove(running);
                Log.Stopped(logger, key.CameraId, key.Stream);
            }

            return true;
        }
    }

    internal IReadOnlyList<AnalysisStatus> Statuses() => [.. loop.Streams.Select(s => s.Status)];

    private StreamAnalysis? Find(StreamKey key) => loop.Streams.FirstOrDefault(s => s.Key == key);

    private void Run(StreamKey key, long generation)
    {
        loop.Add(new StreamAnalysis(key, generation, logs, time, logger));
        Log.Started(logger, key.CameraId, key.Stream);
    }

    private void Keep(StreamKey key, DesiredAnalysis desired)
    {
        DesiredAnalyses next = _desired.With(key, desired);
        store.Save(next);
        _desired = next;
    }

    private static partial class Log
    {
        [LoggerMessage(4000, LogLevel.Information, "Camera {CameraId} {Stream}: analysis started")]
        public static partial void Started(ILogger logger, string cameraId, string stream);

        [LoggerMessage(4001, LogLevel.Information, "Camera {CameraId} {Stream}: analysis stopped")]
        public static partial void Stopped(ILogger logger, string cameraId, string stream);

        [LoggerMessage(4002, LogLevel.Error, "The analyses to run could not be read; the file is kept as {Path}, control sends them again")]
        public static partial void StateUnreadable(ILogger logger, string path);
    }
}
