using System.Text.Json;
using Vms.Bus;
using Vms.Contracts;
using Vms.Recorder.Archive;
using Vms.Recorder.Recordings;

namespace Vms.Recorder.Triggers;

/// <summary>
/// Events from the bus that recordings by motion and event wait for. Durable: what was published while this plane or the bus was away comes
/// afterwards, and is recorded as far as the stream log reaches back. Acknowledged when it is in the book on disk; that what goes on does so still is
/// there a few seconds later, which the next word of it makes good.
/// </summary>
internal sealed partial class EventTriggers(RecordingRegistry recordings, BusConnection bus, TimeProvider time, ILogger<EventTriggers> logger) : BackgroundService
{
    private const int MaxBatch = 500;
    private const int MaxPayload = 64 * 1024;
    private const int MaxId = 128;

    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_oldest = TimeSpan.FromMicroseconds(TriggerBook.OldestUs);

    /// <summary>An event that claims to go on for longer is not believed; who means it says so again.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    /// <summary>What is to be recorded for an event; null for one that is no trigger, or none any more.</summary>
    /// <param name="subject"><c>vms.events.SITE.CAMERA.TYPE</c></param>
    /// <param name="storedAt">When it was said.</param>
    internal static Happening? Read(string subject, ReadOnlySpan<byte> payload, DateTimeOffset storedAt, DateTimeOffset now)
    {
        if (subject.Split('.') is not ["vms", "events", _, { Length: > 0 } cameraId, { Length: > 0 } word, ..]
            || cameraId == "_" || BusLayout.IsOwnEvent(word) || payload.Length > MaxPayload)
        {
            return null;
        }

        Times? times;
        try
        {
            times = JsonSerializer.Deserialize<Times>(payload, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }

        if (times is not { At: { } at })
        {
            return null;
        }

        // What goes on does so for a while after it was said, not after it is heard: it may have waited on the bus for hours.
        var saidAt = storedAt < now ? storedAt : now;
        bool ongoing = times is { EndAt: null, Ongoing: true };
        var endAt = ongoing ? saidAt + BusLayout.OngoingLifetime : times.EndAt;
        // An end is told at any age: the book knows whether there is something that it takes back.
        if ((endAt ?? at) < now - s_oldest && times is not { EndAt: not null, Id.Length: > 0 and <= MaxId })
        {
            return null;
        }

        // A clock that is ahead does not make a recording wait.
        var from = at < now ? at : now;
        var until = endAt is { } end && end > from ? end : from;
        until = until > now + s_longest ? now + s_longest : until;
        // One that goes on is told again and again with the same beginning: what is long ago is recorded, or gone.
        var earliest = (until < now ? until : now) - s_longest;
        from = from < earliest ? earliest : from;
        return new Happening(
            cameraId,
            word == "motion" ? RecordingClass.Motion : RecordingClass.Event,
            UnixTime.ToMicroseconds(from),
            UnixTime.ToMicroseconds(until),
            Id: times.Id is { Length: > 0 and <= MaxId } id ? $"{id}/{at.UtcTicks}" : "",       // as in the database: another time is another event
            Ongoing: ongoing,
            SaidUs: UnixTime.ToMicroseconds(saidAt));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
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
                await bus.JetStream.EnsureConsumerAsync(
                    BusLayout.EventStream,
                    new ConsumerConfig { DurableName = BusLayout.RecorderConsumer, DeliverPolicy = DeliverPolicy.New, MaxAckPending = 2 * MaxBatch },
                    stoppingToken);
                await ConsumeAsync(bus.JetStream.Consumer(BusLayout.EventStream, BusLayout.RecorderConsumer), stoppingToken);
            }
            catch (BusException e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.NotConsumed(logger, e.Message);
                await Task.Delay(s_retry, time, stoppingToken);
            }
        }
    }

    private async Task ConsumeAsync(PullConsumer consumer, CancellationToken stoppingToken)
    {
        while (true)
        {
            var batch = new List<JetStreamMessage>();
            await foreach (var message in consumer.FetchAsync(1, s_idle, stoppingToken))
            {
                batch.Add(message);
            }

            if (batch.Count == 0)
            {
                continue;
            }

            await foreach (var message in consumer.FetchAsync(MaxBatch - 1, s_gather, stoppingToken))
            {
                batch.Add(message);
            }

            var now = time.GetUtcNow();
            await recordings.TriggerAsync([.. batch.Select(m => Read(m.Subject, m.Payload.Span, m.StoredAt, now)).OfType<Happening>()]);
            foreach (var message in batch)
            {
                await message.AckAsync(stoppingToken);
            }
        }
    }

    private sealed record Times(string? Id, DateTimeOffset? At, DateTimeOffset? EndAt, bool? Ongoing);

    private static partial class Log
    {
        [LoggerMessage(3260, LogLevel.Warning, "Events that recordings wait for cannot be taken from the bus ({Reason}), trying again")]
        public static partial void NotConsumed(ILogger logger, string reason);
    }
}
