using System.Text.Json;
using System.Threading.Channels;
using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Device;

/// <summary>
/// What control finds out about cameras, on its way to the event stream, in order, each until the bus has acknowledged it. Bounded: while the bus is away
/// the oldest are dropped and counted in the log. Any thread.
/// </summary>
internal sealed partial class CameraEventOutbox(BusConnection bus, DesiredState desired, TimeProvider time, ILogger<CameraEventOutbox> logger) : BackgroundService
{
    private const int MaxWaiting = 4096;
    private const string DefaultSite = "default";
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_retryAfterRefusal = TimeSpan.FromSeconds(5);

    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, dropped => Log.Dropped(logger, dropped.Subject));

    private bool _hasStream;

    private sealed record Waiting(string Subject, string MessageId, byte[] Payload);

    /// <summary>Something that has happened, and has no length.</summary>
    /// <param name="id">Told twice it is still one event.</param>
    /// <param name="data">Serialized here.</param>
    public void Add(string cameraId, string type, string id, DateTimeOffset at, object data) =>
        Add(cameraId, type, id, new { id, type, cameraId, at, source = "control", data });

    /// <param name="messageId">Sent twice it is still one message.</param>
    /// <param name="body">The event as it travels; serialized here.</param>
    public void Add(string cameraId, string type, string messageId, object body)
    {
        string site = desired.Cameras?.GetValueOrDefault(cameraId)?.Row.Settings.SiteId ?? DefaultSite;
        _waiting.Writer.TryWrite(new(BusLayout.EventSubject(site, cameraId, type), messageId, JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var happened in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            while (await TrySendAsync(happened, stoppingToken) is { } pause)
                await Task.Delay(pause, time, stoppingToken);
        }
    }

    /// <returns>Null: it is done with. Else when to try again.</returns>
    private async Task<TimeSpan?> TrySendAsync(Waiting happened, CancellationToken cancellationToken)
    {
        try
        {
            await bus.WaitUntilConnectedAsync(cancellationToken);
            if (!_hasStream)
            {
                await bus.JetStream.EnsureStreamAsync(
                    new() { Name = BusLayout.EventStream, Subjects = [BusLayout.EventSubjects], MaxAge = BusLayout.EventMaxAge, MaxBytes = BusLayout.EventMaxBytes }, cancellationToken);
                _hasStream = true;
            }

            await bus.JetStream.PublishAsync(happened.Subject, happened.Payload, happened.MessageId, cancellationToken);
            return null;
        }
        catch (BusException e) when (e.IsTransient)
        {
            return s_retry;
        }
        catch (BusException e) when (!_hasStream && e.Kind != BusErrorKind.Closed)
        {
            return s_retryAfterRefusal;     // a server with other ideas, or without room: the consumer of events says so in the log
        }
        catch (BusException e) when (e.Kind != BusErrorKind.Closed)
        {
            Log.Refused(logger, happened.Subject, e.Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1412, LogLevel.Error, "NATS refuses the event {Subject}: {Reason}")]
        public static partial void Refused(ILogger logger, string subject, string reason);

        [LoggerMessage(1413, LogLevel.Warning, "The event {Subject} waited for NATS too long, and is dropped")]
        public static partial void Dropped(ILogger logger, string subject);
    }
}
