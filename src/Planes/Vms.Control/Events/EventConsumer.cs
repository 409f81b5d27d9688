using System.Diagnostics.Metrics;
using Npgsql;
using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.LiveFeed;

namespace Vms.Control.Events;

/// <summary>
/// Moves events from the durable consumer <c>control-events</c> into PostgreSQL and on to the live feed. Acknowledged after the
/// commit: what is delivered again is a row that exists already, and is told to nobody a second time.
/// </summary>
internal sealed partial class EventConsumer(
    BusConnection bus, EventStore store, EventCounts counts, LostEvents lost, RightsState rights, FeedHub hub, TimeProvider time, ILogger<EventConsumer> logger) : BackgroundService
{
    private const int MaxBatch = 500;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_countAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_countAgainAtMost = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_retryAfterRefusal = TimeSpan.FromSeconds(5);

    /// <summary>Of a batch that waits for the database, well within the time in which it has to be acknowledged.</summary>
    private static readonly TimeSpan s_keepEvery = TimeSpan.FromSeconds(5);

    private static readonly Meter s_meter = new("Vms.Control.Events");
    private static readonly Counter<long> s_refused = s_meter.CreateCounter<long>("vms_events_refused_total", description: "Events that the database refused to store.");

    private long _keptAt;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(CountAsync(stoppingToken), ConsumeAlwaysAsync(stoppingToken));

    private async Task ConsumeAlwaysAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ConsumeAsync(stoppingToken);
            }
            catch (BusException e) when (!stoppingToken.IsCancellationRequested)
            {
                // Refused: another server than ours, with other ideas. The events wait in the planes' outboxes.
                Log.NotConsumed(logger, e.Message);
                await Task.Delay(s_retryAfterRefusal, time, stoppingToken);
            }
        }
    }

    private async Task ConsumeAsync(CancellationToken stoppingToken)
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
            BusLayout.EventStream, new ConsumerConfig { DurableName = BusLayout.ControlConsumer, MaxAckPending = MaxBatch }, stoppingToken);
        var consumer = bus.JetStream.Consumer(BusLayout.EventStream, BusLayout.ControlConsumer);
        // Rules see an event once: of groups and readers that are not known then nothing would be said, ever.
        await rights.ReadOnceAsync(stoppingToken);
        while (true)
        {
            try
            {
                await lost.BeginAsync(consumer, stoppingToken);
                var batch = await NextBatchAsync(consumer, stoppingToken);
                if (batch.Count > 0)
                    await StoreAsync(batch, stoppingToken);
            }
            catch (BusException e) when (e.IsTransient)
            {
                Log.BusTrouble(logger, e.Message);
                await Task.Delay(s_retry, time, stoppingToken);
            }
        }
    }

    /// <summary>At the start, and after the database was away, beside the writing. Without it a look at the dashboard counts in the database: slower, and just
    /// as right.</summary>
    private async Task CountAsync(CancellationToken stoppingToken)
    {
        var again = s_countAgain;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!counts.IsLoaded)
                    await store.CountAsync(stoppingToken);
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                Log.NotCounted(logger, e.Message);
            }

            // It may have more of a day than can be counted: then it is not asked all the time.
            again = counts.IsLoaded ? s_countAgain : TimeSpan.FromTicks(Math.Min(2 * again.Ticks, s_countAgainAtMost.Ticks));
            await Task.Delay(again, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One long wait for the first message, then whatever else is there: idle costs two requests a minute.</summary>
    private static async Task<List<JetStreamMessage>> NextBatchAsync(PullConsumer consumer, CancellationToken cancellationToken)
    {
        var batch = new List<JetStreamMessage>();
        await foreach (var message in consumer.FetchAsync(1, s_idle, cancellationToken))
            batch.Add(message);
        if (batch.Count == 0)
            return batch;
        await foreach (var message in consumer.FetchAsync(MaxBatch - 1, s_gather, cancellationToken))
            batch.Add(message);
        return batch;
    }

    /// <summary>A batch is stored before the next one is asked for: what happened to a camera stays in its order, also when the database was away.</summary>
    private async Task StoreAsync(List<JetStreamMessage> batch, CancellationToken cancellationToken)
    {
        var ended = new HashSet<JetStreamMessage>();
        try
        {
            var waiting = new Queue<Unstored>(await ReadAsync(batch, cancellationToken));
            for (var together = MaxBatch; waiting.Count > 0;)
            {
                var next = waiting.Take(together).ToList();
                try
                {
                    await AddAsync([.. next.Select(w => w.Event)], cancellationToken);
                }
                catch (PostgresException e) when (IsRefusal(e))
                {
                    if (together > 1)
                    {
                        together = 1;       // one of them cannot be stored, and never will be: the others are not held up by it
                        continue;
                    }

                    Log.NotStorable(logger, next[0].Message?.Sequence ?? 0, next[0].Message?.Subject ?? next[0].Event.Type, e.SqlState);
                    s_refused.Add(1);
                }
                catch (Exception e) when (DatabaseOutage.Is(e))
                {
                    Log.DatabaseAway(logger, waiting.Count);
                    await KeepAsync(waiting, cancellationToken);
                    continue;
                }

                foreach (var (happened, message) in next)
                {
                    waiting.Dequeue();
                    if (message is null)
                    {
                        lost.Told(happened);
                        continue;
                    }

                    await message.AckAsync(cancellationToken);
                    ended.Add(message);
                }
            }
        }
        catch (Exception e) when (e is BusException || cancellationToken.IsCancellationRequested)
        {
            await GiveBackAsync(batch.Where(m => !ended.Contains(m)));
            throw;
        }
    }

    /// <summary>The next one who asks has them first, and not when their time to be acknowledged is over, behind later ones.</summary>
    private async Task GiveBackAsync(IEnumerable<JetStreamMessage> messages)
    {
        try
        {
            foreach (var message in messages)
                await message.NakAsync(TimeSpan.Zero, CancellationToken.None);
        }
        catch (BusException e)
        {
            Log.BusTrouble(logger, e.Message);      // away: it waits for their time to be over
        }
    }

    private async Task<List<Unstored>> ReadAsync(List<JetStreamMessage> batch, CancellationToken cancellationToken)
    {
        // Also what was noticed in a batch that could not be stored.
        List<Unstored> readable = [.. lost.Untold.Select(missing => new Unstored(missing, null))];
        foreach (var message in batch)
        {
            if (await lost.BeforeAsync(message, cancellationToken) is { } missing)
                readable.Add(new Unstored(missing, null));
            if (BusEvent.TryParse(message.Subject, message.Payload.Span) is { } happened)
            {
                readable.Add(new Unstored(happened, message));
            }
            else
            {
                Log.Unreadable(logger, message.Subject, message.Sequence);
                await message.TerminateAsync(cancellationToken);
            }
        }

        return readable;
    }

    /// <summary>Waits a little, and tells the bus now and then that these are not given up: it would deliver them again, behind later ones.</summary>
    private async Task KeepAsync(IEnumerable<Unstored> waiting, CancellationToken cancellationToken)
    {
        await Task.Delay(s_retry, time, cancellationToken);
        if (time.GetElapsedTime(_keptAt) < s_keepEvery)
            return;
        _keptAt = time.GetTimestamp();
        try
        {
            foreach (var message in waiting.Select(w => w.Message).OfType<JetStreamMessage>())
                await message.InProgressAsync(cancellationToken);
        }
        catch (BusException e) when (e.IsTransient)
        {
            Log.BusTrouble(logger, e.Message);      // away, too: they are in memory, and once more on it
        }
    }

    private async Task AddAsync(IReadOnlyList<BusEvent> events, CancellationToken cancellationToken)
    {
        foreach (var view in await store.AddAsync(events, cancellationToken))
            hub.Publish(new EventMessage(view), Permissions.EventsRead, view.CameraId, view.SiteId);
    }

    /// <summary>Of what is in it (classes 22 and 23, and 54: more than fits), not of the database's state.</summary>
    internal static bool IsRefusal(PostgresException e) => e.SqlState is ['2', '2' or '3', ..] or ['5', '4', ..];

    /// <param name="Message">Null: it came over no bus.</param>
    private readonly record struct Unstored(BusEvent Event, JetStreamMessage? Message);

    private static partial class Log
    {
        [LoggerMessage(1281, LogLevel.Error, "Message {Sequence} on {Subject} is an event that the database refuses ({SqlState}), dropped")]
        public static partial void NotStorable(ILogger logger, ulong sequence, string subject, string sqlState);

        [LoggerMessage(1070, LogLevel.Warning, "Message {Sequence} on {Subject} is not an event, dropped")]
        public static partial void Unreadable(ILogger logger, string subject, ulong sequence);

        [LoggerMessage(1071, LogLevel.Debug, "The database is away: {Count} events wait on the bus")]
        public static partial void DatabaseAway(ILogger logger, int count);

        [LoggerMessage(1072, LogLevel.Debug, "Events cannot be read from the bus ({Reason}), trying again")]
        public static partial void BusTrouble(ILogger logger, string reason);

        [LoggerMessage(1280, LogLevel.Debug, "Events of the last day could not be counted ({Reason}); dashboards count them one by one until it is tried again")]
        public static partial void NotCounted(ILogger logger, string reason);

        [LoggerMessage(1073, LogLevel.Error, "Events cannot be consumed ({Reason}), trying again")]
        public static partial void NotConsumed(ILogger logger, string reason);
    }
}
