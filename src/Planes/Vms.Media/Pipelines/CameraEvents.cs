using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Vms.Bus;
using Vms.Contracts;
using Vms.Media.Ingest;

namespace Vms.Media.Pipelines;

/// <summary>
/// Tells the event stream when a camera goes away and comes back: <c>camera.offline</c> once its main stream has not been
/// online for <see cref="OfflineAfter"/>, <c>camera.online</c> when it plays again. A camera that never played since this plane
/// started is offline too, unless it is on demand. An audio track that dies beside its pictures is <c>camera.audio.lost</c>, and
/// <c>camera.audio.back</c> later.
/// </summary>
internal sealed partial class CameraEvents : BackgroundService
{
    /// <summary>Shorter interruptions are gaps on the timeline, not events.</summary>
    public static readonly TimeSpan OfflineAfter = TimeSpan.FromSeconds(5);

    private const int MaxWaiting = 4096;        // events while NATS is away; the oldest go first
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly PipelineTable _table;
    private readonly BusConnection _bus;
    private readonly TimeProvider _clock;
    private readonly ILogger<CameraEvents> _logger;
    private readonly ConcurrentDictionary<Pipeline, Told> _told = new();
    private readonly Channel<Happened> _events;
    private readonly Meter _meter = new("Vms.Media.Events");
    private readonly Counter<long> _dropped;

    public CameraEvents(PipelineTable table, BusConnection bus, TimeProvider clock, ILogger<CameraEvents> logger)
    {
        _table = table;
        _bus = bus;
        _clock = clock;
        _logger = logger;
        _dropped = _meter.CreateCounter<long>("vms_media_events_dropped_total", null, "Events that waited for NATS too long: the oldest go first.");
        _events = Channel.CreateBounded<Happened>(
            new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest }, _ => _dropped.Add(1));
        table.Removed += pipeline => _told.TryRemove(pipeline, out _);
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(LookAsync(stoppingToken), SendAsync(stoppingToken));

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_look, _clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var pipeline in _table.All)
            {
                if (pipeline.Live.Name == "main")
                {
                    Look(pipeline, _clock.GetUtcNow());
                    LookAtSound(pipeline, _clock.GetUtcNow());
                }
            }
        }
    }

    private void Look(Pipeline pipeline, DateTimeOffset now)
    {
        var state = pipeline.State;
        var told = _told.GetOrAdd(pipeline, _ => new());
        if (state.Kind is PullStateKind.Online or PullStateKind.Idle)
        {
            told.AwaySince = null;
            // Nobody watches an on-demand camera any more: whether it would answer is not known.
            if (told.Offline && state.Kind == PullStateKind.Online)
            {
                told.Offline = false;
                Tell(pipeline, "camera.online", state.Since, state);
            }

            return;
        }

        told.AwaySince ??= state.Since < now ? state.Since : now;
        if (told.Offline || now - told.AwaySince < OfflineAfter)
            return;

        told.Offline = true;
        Tell(pipeline, "camera.offline", told.AwaySince.Value, state);
    }

    /// <summary>Only beside pictures: without them the camera is away, and that is told.</summary>
    private void LookAtSound(Pipeline pipeline, DateTimeOffset now)
    {
        var told = _told.GetOrAdd(pipeline, _ => new());
        bool silent = pipeline.Counters.SilentTracks > 0;
        if (pipeline.State.Kind != PullStateKind.Online || silent == told.Silent)
            return;

        told.Silent = silent;
        Tell(pipeline, silent ? "camera.audio.lost" : "camera.audio.back", now, pipeline.State);
    }

    private void Tell(Pipeline pipeline, string type, DateTimeOffset at, PullState state)
    {
        var spec = pipeline.Spec;
        var id = IdOf($"{type}/{spec.CameraId}/{at.UtcTicks}");
        var data = new Dictionary<string, string>();
        if (state.Reason != PullReason.None)
            (data["reason"], data["detail"]) = (JsonNamingPolicy.CamelCase.ConvertName(state.Reason.ToString()), state.Detail);
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(new { id, type, cameraId = spec.CameraId, at, source = "media", data }, JsonSerializerOptions.Web);
        _events.Writer.TryWrite(new(BusLayout.EventSubject(spec.SiteId.Length == 0 ? "default" : spec.SiteId, spec.CameraId, type), id.ToString(), payload));
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await _bus.JetStream.EnsureStreamAsync(
            new()
            {
                Name = BusLayout.EventStream,
                Subjects = [BusLayout.EventSubjects],
                MaxAge = BusLayout.EventMaxAge,
                MaxBytes = BusLayout.EventMaxBytes,
            },
            cancellationToken);
        await foreach (var happened in _events.Reader.ReadAllAsync(cancellationToken))
        {
            while (!await TrySendAsync(happened, cancellationToken))
                await Task.Delay(s_look, _clock, cancellationToken);
        }
    }

    private async Task<bool> TrySendAsync(Happened happened, CancellationToken cancellationToken)
    {
        try
        {
            await _bus.WaitUntilConnectedAsync(cancellationToken);
            await _bus.JetStream.PublishAsync(happened.Subject, happened.Payload, happened.Id, cancellationToken);
            return true;
        }
        catch (BusException e) when (e.IsTransient)
        {
            return false;
        }
        catch (BusException e) when (e.Kind != BusErrorKind.Closed)
        {
            Log.Refused(_logger, happened.Subject, e.Message);
            return true;
        }
    }

    /// <summary>The same happening always gets the same id: sent twice it is still one event.</summary>
    private static Guid IdOf(string what) => new(SHA256.HashData(Encoding.UTF8.GetBytes(what)).AsSpan(0, 16));

    private sealed record Happened(string Subject, string Id, byte[] Payload);

    private sealed class Told
    {
        public DateTimeOffset? AwaySince { get; set; }

        public bool Offline { get; set; }

        public bool Silent { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(2040, LogLevel.Error, "NATS refuses the event {Subject}: {Reason}")]
        public static partial void Refused(ILogger logger, string subject, string reason);
    }
}
