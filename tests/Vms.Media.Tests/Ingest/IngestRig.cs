using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Contracts.Media;
using Vms.Hosting;
using Vms.Media.Ingest;
using Vms.Media.Metadata;
using Vms.Media.Pipelines;
using Vms.Media.Streams;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.FakeCamera;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Ingest;

/// <summary>An ingest of a test's own: directory, threads, registry. Short times, so that what waits for seconds in the field
/// waits for parts of one here.</summary>
internal sealed class IngestRig : IAsyncDisposable
{
    public static readonly IngestOptions Fast = new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(2),
        RequestTimeout = TimeSpan.FromSeconds(2),
        FirstPacketTimeout = TimeSpan.FromSeconds(1),
        AudioWatchdog = TimeSpan.FromSeconds(1),
        WatchdogMinimum = TimeSpan.FromSeconds(2.5),
        WatchdogMaximum = TimeSpan.FromSeconds(5),
        BackoffMinimum = TimeSpan.FromMilliseconds(100),
        BackoffMaximum = TimeSpan.FromMilliseconds(500),
        StableAfter = TimeSpan.FromMilliseconds(300),
        DemandLinger = TimeSpan.FromMilliseconds(200),
        Threads = 1,
    };

    private readonly TestDirectory _directory = new();
    private readonly List<Pipeline> _pipelines = [];
    private readonly IIngestLoop _loop;

    public IngestRig(IngestOptions? options = null, ILoggerFactory? loggers = null, AdmissionOptions? admission = null)
    {
        options ??= Fast;
        Clock = TimeProvider.System;
        Progress = new(Clock);
        _loop = IIngestLoop.Create(options, Clock, Progress);
        admission ??= new AdmissionOptions();
        Shared = new(
            new StreamLogDirectory(_directory["rings"]), new StreamRegistry(), _loop, options, admission, new LogMemory(admission.MaxLogBytes),
            new MetadataFeed(), Clock,
            loggers ?? NullLoggerFactory.Instance);
    }

    public TimeProvider Clock { get; }

    public ProgressMonitor Progress { get; }

    public PipelineResources Shared { get; }

    public Pipeline Pull(string url, Action<PipelineSpec>? change = null)
    {
        var pipeline = new Pipeline(Spec(url, $"c{_pipelines.Count + 1}", change), Shared);
        _pipelines.Add(pipeline);
        pipeline.Start();
        return pipeline;
    }

    public static PipelineSpec Spec(string url, string cameraId = "c1", Action<PipelineSpec>? change = null)
    {
        var spec = new PipelineSpec { CameraId = cameraId, Stream = "main", Url = url, Username = "admin", Password = "secret", Generation = 1, AllowBasicInClear = true };
        change?.Invoke(spec);
        return spec;
    }

    /// <summary>A camera that runs alone, with the small footage unless told otherwise.</summary>
    public static async Task<FakeCameraServer> CameraAsync(Func<FakeCameraOptions, FakeCameraOptions>? change = null, FootageSpec? footage = null)
    {
        var options = new FakeCameraOptions { Footage = await VideoFootage.LoadAsync(footage ?? FootageSpec.Small) };
        return FakeCameraServer.Start(change?.Invoke(options) ?? options);
    }

    public static Task UntilAsync(Pipeline pipeline, PullStateKind kind, PullReason reason = PullReason.None) =>
        Eventually.TrueAsync(() => pipeline.State.Kind == kind && pipeline.State.Reason == reason, text: $"state becomes {kind} {reason}; it is {pipeline.State}");

    /// <summary>Stops a pipeline as the plane's stop does: its log stays.</summary>
    public async Task StopAsync(Pipeline pipeline)
    {
        _pipelines.Remove(pipeline);
        await pipeline.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pipeline in _pipelines)
            await pipeline.DisposeAsync();
        _loop.Dispose();
        Shared.Dispose();
        _directory.Dispose();
    }
}
