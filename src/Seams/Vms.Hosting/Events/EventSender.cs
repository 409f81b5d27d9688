using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vms.Bus;
using Vms.Contracts;

namespace Vms.Hosting.Events;

/// <summary>Carries the outbox to the event stream, in order, each event until the bus has acknowledged it; before the next one, what was lost is told.</summary>
public sealed partial class EventSender(EventOutbox outbox, BusConnection bus, TimeProvider time, ILogger<EventSender> logger) : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_retryAfterRefusal = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? said = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SendAsync(stoppingToken);
            }
            catch (Exception e) when (e is BusException or IOException or UnauthorizedAccessException && !stoppingToken.IsCancellationRequested)
            {
                // A server with other ideas, or without room, or a disk that fails: events wait, and the plane goes on.
                if (e.Message != said)
                    Log.Stuck(logger, e.Message);
                said = e.Message;
                await Task.Delay(s_retryAfterRefusal, time, stoppingToken);
            }
        }
    }

    private async Task SendAsync(CancellationToken stoppingToken)
    {
        await bus.JetStream.EnsureStreamAsync(
            new StreamConfig
            {
                Name = BusLayout.EventStream,
                Subjects = [BusLayout.EventSubjects],
                MaxAge = BusLayout.EventMaxAge,
                MaxBytes = BusLayout.EventMaxBytes,
            },
            stoppingToken);
        while (true)
        {
            var happened = await outbox.Spool.NextAsync(stoppingToken);
            if (outbox.Spool.Loss is { } loss)
            {
                await SendAsync(outbox.EventOf(loss, time.GetUtcNow()), stoppingToken);
                outbox.Spool.Told(loss);
                Log.Lost(logger, loss.Count, loss.From, loss.To);
            }

            await SendAsync(happened, stoppingToken);
            outbox.Spool.Done(happened);
        }
    }

    private async Task SendAsync(SpooledEvent happened, CancellationToken stoppingToken)
    {
        while (!await TrySendAsync(happened, stoppingToken))
            await Task.Delay(s_retry, time, stoppingToken);
    }

    private async Task<bool> TrySendAsync(SpooledEvent happened, CancellationToken cancellationToken)
    {
        try
        {
            await bus.WaitUntilConnectedAsync(cancellationToken);
            await bus.JetStream.PublishAsync(happened.Subject, happened.Payload, happened.MessageId, cancellationToken);
            return true;
        }
        catch (BusException e) when (e is { IsTransient: true, ApiError: 0 })
        {
            return false;
        }
        catch (BusException e) when (e is { IsTransient: false, Kind: not BusErrorKind.Closed })
        {
            Log.Refused(logger, happened.Subject, e.Message);
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6070, LogLevel.Error, "Events cannot be handed to the bus ({Reason}), trying again; until then they wait on the disk, and everything else goes on")]
        public static partial void Stuck(ILogger logger, string reason);

        [LoggerMessage(6071, LogLevel.Error, "The bus refuses the event {Subject}: {Reason}; it is dropped")]
        public static partial void Refused(ILogger logger, string subject, string reason);

        [LoggerMessage(6072, LogLevel.Error, "{Count} events of between {From} and {To} were lost: the bus was away for too long, or the disk full")]
        public static partial void Lost(ILogger logger, long count, DateTimeOffset? from, DateTimeOffset? to);
    }
}
