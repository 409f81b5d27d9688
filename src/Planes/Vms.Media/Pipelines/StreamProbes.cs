using Google.Protobuf;
using Vms.Contracts.Media;
using Vms.Media.Ingest;
using Vms.Media.Metadata;
using Vms.Media.Snapshots;
using Vms.Media.Streams;
using Vms.Rpc;
using Vms.StreamLog;

namespace Vms.Media.Pipelines;

/// <summary>
/// Pulls streams for some seconds to see whether they come: before a camera is added, or put in another's place. They are in no table, so that nothing is
/// kept, told to the bus or shown to viewers. Any thread.
/// </summary>
internal sealed class StreamProbes : IDisposable
{
    /// <summary>At a time; each takes a stream log.</summary>
    public const int MaxProbes = 4;

    private const string Stream = "main";

    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    /// <summary>For the first keyframe, and for the decoder, which may have to be started.</summary>
    private static readonly TimeSpan s_picture = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _room = new(MaxProbes);
    private readonly MetadataFeed _unread = new();      // nobody reads what it says of events
    private readonly PipelineResources _resources;
    private readonly SnapshotStore _snapshots;
    private readonly TimeProvider _clock;

    public StreamProbes(
        StreamLogDirectory logs, IIngestLoop loop, IngestOptions options, AdmissionOptions admission, LogMemory logMemory, SnapshotStore snapshots, TimeProvider clock,
        ILoggerFactory loggers)
    {
        _resources = new PipelineResources(logs, new StreamRegistry(), loop, options, admission, logMemory, _unread, clock, loggers);
        _snapshots = snapshots;
        _clock = clock;
    }

    /// <exception cref="RpcException">InvalidArgument; ResourceExhausted: too many at a time, or no memory for one more stream log.</exception>
    public async Task<ProbedStream> ProbeAsync(ProbeStreamRequest request, CancellationToken cancellationToken)
    {
        // A log of its own beside those of the cameras: their ids are letters and digits alone.
        var spec = new PipelineSpec(request.Spec ?? new PipelineSpec()) { CameraId = $"probe-{Guid.NewGuid():n}", Stream = Stream, OnDemand = false, PreRollSeconds = 0 };
        if (PipelineSpecs.Fault(spec) is { } fault)
            throw new RpcException(RpcStatus.InvalidArgument, fault);
        if (PipelineSpecs.IsPush(spec))
            throw new RpcException(RpcStatus.InvalidArgument, "A stream that is sent to us cannot be probed.");
        if (!await _room.WaitAsync(TimeSpan.Zero, cancellationToken))
            throw new RpcException(RpcStatus.ResourceExhausted, $"{MaxProbes} streams are probed at a time.");
        try
        {
            if (_resources.LogMemory.Refusal(PipelineSpecs.ToLog(spec).InitialCapacityBytes) is { } full)
                throw new RpcException(RpcStatus.ResourceExhausted, full);
            var patience = TimeSpan.FromMilliseconds(Math.Clamp(request.PatienceMs, 0, (int)s_longest.TotalMilliseconds));
            return await ProbeAsync(spec, request.MaxWidth, patience, cancellationToken);
        }
        finally
        {
            _room.Release();
        }
    }

    public void Dispose()
    {
        _resources.Dispose();
        _unread.Dispose();
        _room.Dispose();
    }

    private async Task<ProbedStream> ProbeAsync(PipelineSpec spec, int maxWidth, TimeSpan patience, CancellationToken cancellationToken)
    {
        var pipeline = new Pipeline(spec, _resources);
        pipeline.Start();
        try
        {
            var begun = _clock.GetTimestamp();
            while (!IsDecided(pipeline.State) && _clock.GetElapsedTime(begun) < patience)
                await Task.Delay(s_look, _clock, cancellationToken);

            var probed = new ProbedStream();
            if (pipeline.State.Kind == PullStateKind.Online)
            {
                var width = maxWidth == 0 ? SnapshotStore.DefaultWidth : Math.Clamp(maxWidth, 16, 8192);
                if (await PictureAsync(pipeline.Live, width, cancellationToken) is { Missing: null } picture)
                    probed.Jpeg = UnsafeByteOperations.UnsafeWrap(picture.Jpeg);
            }

            probed.Status = PipelineStatuses.Of(pipeline);      // last: what the picture told of its size is in it
            return probed;
        }
        finally
        {
            await pipeline.RemoveAsync();
        }
    }

    /// <summary>Null when it takes too long: the stream plays all the same.</summary>
    private async Task<Snapshot?> PictureAsync(LiveStream live, int width, CancellationToken cancellationToken)
    {
        try
        {
            return await _snapshots.TakeAsync(live, width).WaitAsync(s_picture, _clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Other failures may be a slow start, or another way of transport may do: they are tried until the time is over.</summary>
    private static bool IsDecided(PullState state) =>
        state.Kind is PullStateKind.Online or PullStateKind.Unauthorized or PullStateKind.Unsupported
        || (state.Kind == PullStateKind.Offline && state.Reason is PullReason.Unreachable or PullReason.NoSuchPath or PullReason.BadCertificate or PullReason.ProtocolViolation);
}
