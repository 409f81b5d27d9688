using System.Text.Json;
using Vms.Bus;
using Vms.Contracts;
using Vms.Recorder.Recordings;

namespace Vms.Recorder.Events;

/// <summary>Carries the outbox to the event stream, in order, each event until the bus has acknowledged it.</summary>
internal sealed partial class EventSender(
    EventOutbox outbox, RecordingRegistry recordings, BusConnection bus, TimeProvider time, ILogger<EventSender> logger) : BackgroundService
{
    /// <summary>Where events go of a camera whose site nobody named.</summary>
    private const string DefaultSite = "default";

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
                // A server with other ideas, or without room: events wait in the outbox, and recording goes on.
                if (e.Message != said)
                {
                    Log.StreamRefused(logger, e.Message);
                }

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
        await foreach (var happened in outbox.Reader.ReadAllAsync(stoppingToken))
        {
            while (!await TrySendAsync(happened, stoppingToken))
            {
                await Task.Delay(s_retry, time, stoppingToken);
            }
        }
    }

    private async Task<bool> TrySendAsync(RecorderEvent happened, CancellationToken cancellationToken)
    {
        string site = recordings.SiteOf(happened.CameraId);
        string subject = BusLayout.EventSubject(site.Length == 0 ? DefaultSite : site, happened.CameraId, happened.Type);
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(
            new { happened.Id, happened.Type, happened.CameraId, happened.At, happened.EndAt, Source = "recorder", happened.Data },
            JsonSerializerOptions.Web);
        try
        {
            await bus.WaitUntilConnectedAsync(cancellationToken);
            await bus.JetStream.PublishAsync(subject, payload, happened.Id.ToString(), cancellationToken);
            return true;
        }
        catch (BusException e) when (e.IsTransient)
        {
            return false;
        }
        catch (BusException e) when (e.Kind != BusErrorKind.Closed)
        {
            Log.Refused(logger, subject, e.Message);
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3252, LogLevel.Error, "The bus refuses the event stream ({Reason}), trying again; until then events wait, and recording goes on")]
        public static partial void StreamRefused(ILogger logger, string reason);

        [LoggerMessage(3250, LogLevel.Error, "The bus refuses the event {Subject}: {Reason}")]
        public static partial void Refused(ILogger logger, string subject, string reason);
    }
}
