using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Threading.Channels;
using Vms.Bus;
using Vms.Contracts;

namespace Vms.Media.Pipelines;

/// <summary>
/// Events on their way to the event stream, in order, each until the bus has acknowledged it. Bounded: while the bus is away the oldest are dropped
/// and counted. Any thread.
/// </summary>
internal sealed partial class EventOutbox : BackgroundService
{
    private const int MaxWaiting = 4096;

    /// <summary>Where events go of a camera whose site nobody named.</summary>
    private const string DefaultSite = "default";

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_retryAfterRefusal = TimeSpan.FromSeconds(5);

    private readonly PipelineTable _table;
    private readonly BusConnection _bus;
    private readonly TimeProvider _clock;
    private readonly ILogger<EventOutbox> _logger;
    private readonly Channel<Waiting> _waiting;
    private readonly Meter _meter = new("Vms.Media.Events");

    public EventOutbox(PipelineTable table, BusConnection bus, TimeProvider clock, ILogger<EventOutbox> logger)
    {
        (_table, _bus, _clock, _logger) = (table, bus, clock, logger);
        var dropped = _meter.CreateCounter<long>("vms_media_events_dropped_total", null, "Events that waited for NATS too long: the oldest go first.");
        _waiting = Channel.CreateBounded<Waiting>(
            new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest }, _ => dropped.Add(1));
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    /// <param name="messageId">Sent twice it is still one message.</param>
    /// <param name="body">The event as it travels; serialized here.</param>
    public void Add(string cameraId, string type, string messageId, object body)
    {
        string site = _table.All.FirstOrDefault(p => p.Live.CameraId == cameraId)?.Spec.SiteId ?? "";
        string subject = BusLayout.EventSubject(site.Length == 0 ? DefaultSite : site, cameraId, type);
        _waiting.Writer.TryWrite(new(subject, messageId, JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? said = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SendAsync(stoppingToken);
            }
            catch (BusException e) when (!stoppingToken.IsCancellationRequested)
            {
                // A server with other ideas, or without room: events wait here, and media goes on.
                if (e.Message != said)
                    Log.StreamRefused(_logger, e.Message);
                said = e.Message;
                await Task.Delay(s_retryAfterRefusal, _clock, stoppingToken);
            }
        }
    }

    private async Task SendAsync(CancellationToken stoppingToken)
    {
        await _bus.JetStream.EnsureStreamAsync(
            new()
            {
                Name = BusLayout.EventStream,
                Subjects = [BusLayout.EventSubjects],
                MaxAge = BusLayout.EventMaxAge,
                MaxBytes = BusLayout.EventMaxBytes,
            },
            stoppingToken);
        await foreach (var happened in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            while (!await TrySendAsync(happened, stoppingToken))
                await Task.Delay(s_retry, _clock, stoppingToken);
        }
    }

    private async Task<bool> TrySendAsync(Waiting happened, CancellationToken cancellationToken)
    {
        try
        {
            await _bus.WaitUntilConnectedAsync(cancellationToken);
            await _bus.JetStream.PublishAsync(happened.Subject, happened.Payload, happened.MessageId, cancellationToken);
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

    private sealed record Waiting(string Subject, string MessageId, byte[] Payload);

    private static partial class Log
    {
        [LoggerMessage(2040, LogLevel.Error, "NATS refuses the event {Subject}: {Reason}")]
        public static partial void Refused(ILogger logger, string subject, string reason);

        [LoggerMessage(2041, LogLevel.Error, "NATS refuses the event stream ({Reason}), trying again; until then events wait, and the oldest are dropped and counted")]
        public static partial void StreamRefused(ILogger logger, string reason);
    }
}
