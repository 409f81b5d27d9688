using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Vms.Codecs;
using Vms.Media.Egress;
using Vms.Media.Streams;
using Vms.Rpc;

namespace Vms.Media.Conversion;

/// <summary>Gives every stream that browsers may not be able to play a converted twin in the registry, and says whether one more can be
/// watched. Nothing runs before somebody watches. Any thread.</summary>
internal sealed class Conversions : IHostedService, IDisposable
{
    /// <summary>For a camera that is pulled on demand to describe itself.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly StreamRegistry _streams;
    private readonly ConversionResources _shared;
    private readonly ConcurrentDictionary<LiveStream, Conversion> _bySource = new();
    private readonly Meter _meter = new("Vms.Media.Conversion");
    private bool _disposed;     // the container disposes a hosted service once per registration

    public Conversions(StreamRegistry streams, ConversionResources shared)
    {
        _streams = streams;
        _shared = shared;
        AddMetrics(shared.Counters);
    }

    /// <summary>A snapshot.</summary>
    public IReadOnlyCollection<Conversion> All => [.. _bySource.Values];

    public ConversionCounters Counters => _shared.Counters;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _streams.Added += OnAdded;
        _streams.Removed += OnRemoved;
        foreach (var stream in _streams.All)
            OnAdded(stream);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _streams.Added -= OnAdded;
        _streams.Removed -= OnRemoved;
        foreach (var source in _bySource.Keys)
        {
            source.TracksChanged -= Consider;
            await EndAsync(source);
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _meter.Dispose();
    }

    /// <summary>Starts converting, if need be, and waits until there is something to see.</summary>
    /// <returns>The name of the stream to watch.</returns>
    /// <exception cref="RpcException">Its detail is one of the codes of docs/design/transcoding.md.</exception>
    public async Task<string> PrepareAsync(string cameraId, string stream, CancellationToken cancellationToken)
    {
        if (!_streams.TryGet(cameraId, stream, out var source) || Conversion.IsConverted(source))
            throw new RpcException(RpcStatus.NotFound, "streamNotFound");
        if (_shared.Slots.Count == 0)
            throw new RpcException(RpcStatus.FailedPrecondition, "transcodeOff");
        using var pulled = source.Demand();
        if (await source.WaitForVideoAsync(s_patience, cancellationToken) is not { } video)
            throw new RpcException(RpcStatus.Unavailable, "streamNotReady");
        if (!NeedsConversion(video))
            throw new RpcException(RpcStatus.FailedPrecondition, "conversionNotNeeded");
        if (await _shared.Transcoders.FindAsync() is null)
            throw new RpcException(RpcStatus.FailedPrecondition, "transcodeUnavailable");
        Consider(source);
        if (!_bySource.TryGetValue(source, out var conversion))
            throw new RpcException(RpcStatus.NotFound, "streamNotFound");
        if (!conversion.TryPrepare())
        {
            if (conversion.HasNoSlots)
                throw new RpcException(RpcStatus.Internal, "conversionFailed");
            _shared.Counters.Refuse();
            throw new RpcException(RpcStatus.ResourceExhausted, "transcodeLimit");
        }

        if (await conversion.Live.WaitForVideoAsync(s_patience, cancellationToken) is null && conversion.Failure is not null)
            throw new RpcException(RpcStatus.Internal, "conversionFailed");
        return conversion.Live.Name;
    }

    private static bool NeedsConversion(TrackInfo video) => video.Codec is CodecKind.H265 or CodecKind.Mjpeg;

    private void OnAdded(LiveStream stream)
    {
        if (Conversion.IsConverted(stream))
            return;
        stream.TracksChanged += Consider;
        Consider(stream);
    }

    /// <summary>On an ingest thread, too.</summary>
    private void Consider(LiveStream source)
    {
        if (!source.Tracks.Any(NeedsConversion) || _bySource.ContainsKey(source) || !_streams.TryGet(source.CameraId, source.Name, out var present) || present != source)
            return;
        var made = new Conversion(source, _shared);
        if (!_bySource.TryAdd(source, made))
        {
            _ = made.DisposeAsync().AsTask();
            return;
        }

        _streams.Add(made.Live);
        if (!_streams.TryGet(source.CameraId, source.Name, out present) || present != source)
            _ = EndAsync(source);       // the camera went while we looked
    }

    private void OnRemoved(LiveStream stream)
    {
        if (Conversion.IsConverted(stream))
            return;
        stream.TracksChanged -= Consider;
        _ = EndAsync(stream);
    }

    private async Task EndAsync(LiveStream source)
    {
        if (!_bySource.TryRemove(source, out var conversion))
            return;
        _streams.Remove(conversion.Live);
        await conversion.DisposeAsync();
    }

    private void AddMetrics(ConversionCounters counters)
    {
        _meter.CreateObservableGauge("vms_transcode_active", () => All.Count(c => c.IsActive), description: "Streams being converted for browsers");
        _meter.CreateObservableCounter("vms_transcode_pictures_total", () => counters.Pictures, description: "Pictures converted");
        _meter.CreateObservableCounter("vms_transcode_lost_pictures_total", () => Lost(counters), description: "Pictures not converted, by cause");
        _meter.CreateObservableCounter("vms_transcode_restarts_total", () => Restarts(counters), description: "Converters that had to be replaced, by reason");
        _meter.CreateObservableCounter("vms_transcode_refused_total", () => counters.Refused, description: "Viewers refused because the node converts as much as it may");
    }

    private static IEnumerable<Measurement<long>> Lost(ConversionCounters counters) =>
    [
        new(counters.Skipped, new KeyValuePair<string, object?>("cause", "behind")),
        new(counters.Lost, new KeyValuePair<string, object?>("cause", "notConverted")),
    ];

    private static IEnumerable<Measurement<long>> Restarts(ConversionCounters counters) =>
    [
        new(counters.Ended, new KeyValuePair<string, object?>("reason", "ended")),
        new(counters.Stalled, new KeyValuePair<string, object?>("reason", "stalled")),
        new(counters.Malformed, new KeyValuePair<string, object?>("reason", "malformed")),
    ];
}
