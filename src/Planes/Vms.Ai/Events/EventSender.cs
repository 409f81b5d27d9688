using Vms.Bus;
using Vms.Contracts;

namespace Vms.Ai.Events;

/// <summary>Carries the spool to the event stream, in order, each event until the bus has acknowledged it.</summary>
internal sealed partial class EventSender(EventOutbox outbox, BusConnection bus, TimeProvider time, ILogger<EventSender> logger) : BackgroundService
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
            catch (BusException e) when (!stoppingToken.IsCancellationRequested)
            {
                if (e.Message != said)
                    Log.StreamRefused(logger, e.Message);
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
            SpooledEvent happened = await outbox.Spool.NextAsync(stoppingToken);
            while (!await TrySendAsync(happened, stoppingToken))
                await Task.Delay(s_retry, time, stoppingToken);
            outbox.Spool.Done(happened);
        }
    }

    private async Task<bool> TrySendAsync(SpooledEvent happened, CancellationToken cancellationToken)
    {
        try
        {
            await bus.WaitUntilConnectedAsync(cancellationToken);
            await bus.JetStream.PublishAsync(happened.Subject, happened.Payload, happened.MessageId, cancellationToken);
            return true;
        }
        catch (BusException e) when (e.IsTransient)
        {
            return false;
        }
        catch (BusException e) when (e.Kind != BusErrorKind.Closed)
        {
            Log.Refused(logger, happened.Subject, e.Message);
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4030, LogLevel.Error, "The bus refuses the event stream ({Reason}), trying again; until then events wait on the disk, and analysis goes on")]
        public static partial void StreamRefused(ILogger logger, string reason);

        [LoggerMessage(4031, LogLevel.Error, "The bus refuses the event {Subject}: {Reason}; it is dropped")]
        public static partial void Refused(ILogger logger, string subject, string reason);
    }
}
