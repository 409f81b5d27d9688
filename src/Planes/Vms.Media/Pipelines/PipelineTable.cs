using System.Collections.Concurrent;
using Google.Protobuf;
using Vms.Contracts.Media;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Media.Pipelines;

/// <summary>
/// The pipelines of this node: applies what control asks for by generation, and remembers it on disk, so that pulling starts
/// with the process and waits for nobody.
/// </summary>
/// <remarks>Changes come one at a time, from control's reconciler; reading is for any thread.</remarks>
internal sealed partial class PipelineTable : IHostedService, IDisposable
{
    private readonly PipelineResources _shared;
    private readonly DesiredStateStore<AppliedPipelines> _store;
    private readonly ILogger<PipelineTable> _logger;
    private readonly SemaphoreSlim _changing = new(1);
    private readonly ConcurrentDictionary<string, PipelineStatus> _refused = new();     // by log name
    private bool _stopped;      // under _changing
    private long _refusals;
    private volatile IReadOnlyDictionary<string, Pipeline> _pipelines = new Dictionary<string, Pipeline>();     // by log name; replaced, not edited

    public PipelineTable(PipelineResources shared, PlaneOptions options, NodeKey key, ILogger<PipelineTable> logger)
    {
        _shared = shared;
        _logger = logger;
        _store = new(options, key, "pipelines", s => s.ToByteArray(), AppliedPipelines.Parser.ParseFrom);
    }

    public IEnumerable<Pipeline> All => _pipelines.Values;

    /// <summary>What was asked for and is beyond a limit of the node. Generation 0: nothing of it is applied, so control asks again.</summary>
    public IEnumerable<PipelineStatus> Refused => _refused.Values;

    /// <summary>Memory of all stream logs.</summary>
    public long LogBytes => _shared.LogMemory.UsedBytes;

    /// <summary>How often a stream was refused because of a limit.</summary>
    public long Refusals => Volatile.Read(ref _refusals);

    /// <summary>A pipeline's state was replaced, or it is new or gone. Any thread; handlers must not block.</summary>
    public event Action<Pipeline>? Changed;

    /// <summary>Raised after a pipeline is gone.</summary>
    public event Action<Pipeline>? Removed;

    /// <summary>Pulls what was pulled when the plane stopped.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var applied = _store.Load(out string? unreadable);
        if (unreadable is not null)
            Log.StateUnreadable(_logger, unreadable);
        var pipelines = new Dictionary<string, Pipeline>();
        foreach (var spec in applied?.Pipelines ?? [])
        {
            if (PipelineSpecs.Fault(spec) is null && Limit(spec, pipelines.Count) is null)
                pipelines[KeyOf(spec.CameraId, spec.Stream)] = Begin(spec);
        }

        _pipelines = pipelines;
        Log.Started(_logger, pipelines.Count);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            _stopped = true;
            await Task.WhenAll(_pipelines.Values.Select(p => p.DisposeAsync().AsTask()));
            _pipelines = new Dictionary<string, Pipeline>();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>The same generation again changes nothing, a newer one replaces the pipeline.</summary>
    /// <exception cref="RpcException">InvalidArgument; FailedPrecondition for a generation older than the one applied; ResourceExhausted beyond
    /// a limit of the node; Unavailable while the plane stops.</exception>
    public async Task ApplyAsync(PipelineSpec spec, CancellationToken cancellationToken)
    {
        if (PipelineSpecs.Fault(spec) is { } fault)
            throw new RpcException(RpcStatus.InvalidArgument, fault);

        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (_stopped)
                throw new RpcException(RpcStatus.Unavailable, "The plane is stopping.");

            string key = KeyOf(spec.CameraId, spec.Stream);
            if (_pipelines.TryGetValue(key, out var present))
            {
                long applied = present.Spec.Generation;
                if (spec.Generation < applied)
                    throw new RpcException(RpcStatus.FailedPrecondition, $"Generation {applied} is applied, {spec.Generation} is older.");
                if (spec.Generation == applied)
                    return;

                present.Replace(spec);
            }
            else if (Limit(spec, _pipelines.Count) is { } limit)
            {
                throw new RpcException(RpcStatus.ResourceExhausted, limit);
            }
            else
            {
                _pipelines = new Dictionary<string, Pipeline>(_pipelines) { [key] = Begin(spec) };
                _refused.TryRemove(key, out _);
            }

            Save();
            Log.Applied(_logger, spec.CameraId, spec.Stream, spec.Generation);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Stopping what is not there succeeds.</summary>
    /// <exception cref="RpcException">FailedPrecondition: a newer generation is applied.</exception>
    public async Task RemoveAsync(string cameraId, string stream, long generation, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            string key = KeyOf(cameraId, stream);
            _refused.TryRemove(key, out _);
            if (!_pipelines.TryGetValue(key, out var pipeline))
                return;
            if (pipeline.Spec.Generation > generation)
                throw new RpcException(RpcStatus.FailedPrecondition, $"Generation {pipeline.Spec.Generation} is applied, {generation} is older.");

            _pipelines = _pipelines.Where(p => p.Key != key).ToDictionary();
            Save();
            await pipeline.RemoveAsync();
            Log.Removed(_logger, cameraId, stream, generation);
            Removed?.Invoke(pipeline);
        }
        finally
        {
            _changing.Release();
        }
    }

    public void Dispose() => _changing.Dispose();

    private static string KeyOf(string cameraId, string stream) => $"{cameraId}.{stream}";

    /// <summary>Which limit of the node one more stream would pass, with the current figure; null when it may come. Remembers the refusal.</summary>
    private string? Limit(PipelineSpec spec, int streams)
    {
        int max = _shared.Admission.MaxStreams;
        string? limit = max > 0 && streams >= max
            ? $"This node pulls at most {max} streams (VMS_MAX_STREAMS), and has {streams}."
            : _shared.LogMemory.Refusal(PipelineSpecs.ToLog(spec).InitialCapacityBytes);
        if (limit is null)
            return null;

        Interlocked.Increment(ref _refusals);
        string key = KeyOf(spec.CameraId, spec.Stream);
        var now = _shared.Clock.GetUtcNow();
        if (!_refused.ContainsKey(key))
            Log.LimitReached(_logger, spec.CameraId, spec.Stream, limit);
        var since = _refused.TryGetValue(key, out var before) ? before.StateSinceUnixMs : now.ToUnixTimeMilliseconds();
        _refused[key] = PipelineStatuses.Refused(spec, limit, since);
        return limit;
    }

    private Pipeline Begin(PipelineSpec spec)
    {
        var pipeline = new Pipeline(spec, _shared);
        pipeline.StateChanged += p => Changed?.Invoke(p);
        pipeline.Start();
        return pipeline;
    }

    private void Save()
    {
        var applied = new AppliedPipelines();
        applied.Pipelines.AddRange(_pipelines.Values.Select(p => p.Spec));
        _store.Save(applied);
    }

    private static partial class Log
    {
        [LoggerMessage(2020, LogLevel.Information, "Pulling {Count} streams from the state on disk")]
        public static partial void Started(ILogger logger, int count);

        [LoggerMessage(2021, LogLevel.Error, "The pipelines on disk cannot be read; the file is now {Path}. Control sends them again")]
        public static partial void StateUnreadable(ILogger logger, string path);

        [LoggerMessage(2022, LogLevel.Information, "Camera {CameraId}.{Stream}: generation {Generation} applied")]
        public static partial void Applied(ILogger logger, string cameraId, string stream, long generation);

        [LoggerMessage(2024, LogLevel.Warning, "Camera {CameraId}.{Stream}: not taken on. {Limit}")]
        public static partial void LimitReached(ILogger logger, string cameraId, string stream, string limit);

        [LoggerMessage(2023, LogLevel.Information, "Camera {CameraId}.{Stream}: removed with generation {Generation}")]
        public static partial void Removed(ILogger logger, string cameraId, string stream, long generation);
    }
}
