using Vms.Contracts.Ai;
using Vms.Hosting;

namespace Vms.Ai.Analysis;

/// <summary>
/// The analyses this plane runs: applies what control asks for, idempotently by generation, and keeps it on disk, so that analysis starts
/// without control. Any thread; changes are applied one after the other.
/// </summary>
internal sealed partial class AnalysisRegistry(DesiredStateStore<DesiredAnalyses> store, AnalysisParts parts, DrainLoop loop, ILogger<AnalysisRegistry> logger)
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
            foreach (var (_, desired) in _desired.Running)
                Run(desired.Spec);
        }
    }

    /// <summary>Starts an analysis, or goes on with another spec; the generation already applied changes nothing. False when a newer one is applied.</summary>
    internal bool Start(AnalysisSpec spec)
    {
        var key = new StreamKey(spec.CameraId, spec.Stream);
        lock (_gate)
        {
            if (_desired.Of(key) is { } before && before.Generation >= spec.Generation)
                return before.Generation == spec.Generation && before.Runs;
            Keep(key, new DesiredAnalysis(spec.Clone(), Runs: true));
            parts.Crashes.Forgive(key.ToString());     // what the operator changed may be what it needed
            if (Find(key) is { } running)
                running.Apply(spec.Clone());
            else
                Run(spec.Clone());
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
            Keep(key, new DesiredAnalysis(new AnalysisSpec { CameraId = key.CameraId, Stream = key.Stream, Generation = generation }, Runs: false));
            if (Find(key) is { } running)
            {
                loop.Remove(running);
                Log.Stopped(logger, key.CameraId, key.Stream);
            }

            return true;
        }
    }

    /// <summary>Empty when nobody named one, or nothing is known of the stream.</summary>
    internal string SiteOf(string stream)
    {
        lock (_gate)
            return _desired.Running.FirstOrDefault(d => d.Key.ToString() == stream).Value?.Spec.SiteId ?? "";
    }

    internal IReadOnlyList<AnalysisStatus> Statuses() => [.. loop.Streams.Select(s => s.Status)];

    private StreamAnalysis? Find(StreamKey key) => loop.Streams.FirstOrDefault(s => s.Key == key);

    private void Run(AnalysisSpec spec)
    {
        loop.Add(new StreamAnalysis(spec, parts, logger));
        Log.Started(logger, spec.CameraId, spec.Stream);
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
