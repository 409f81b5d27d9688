using System.Collections.Concurrent;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Reconciliation;

namespace Vms.Control.Outbox;

/// <summary>
/// Delivers what is in the outbox, each channel by itself and each target beside the others. A row is held under a lease that is longer than a delivery may take:
/// no other runner has it meanwhile, and what a killed one had in its hands is delivered again by the next. A target that does not answer is left alone for a
/// while, with all that waits for it.
/// </summary>
internal sealed partial class OutboxRunner(
    NpgsqlDataSource database, IEnumerable<IOutboxChannel> channels, OutboxMetrics metrics, OutboxOptions options, TimeProvider time, ILogger<OutboxRunner> logger)
    : BackgroundService
{
    /// <summary>For one delivery.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_pruneEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_databaseAway = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<IOutboxChannel> _channels = [.. channels];
    private readonly ChangeSignal _changed = new();
    private readonly ConcurrentDictionary<(string Channel, string Target), Hold> _holds = new();

    /// <summary>How long a row that was taken stays with a process that says nothing.</summary>
    public TimeSpan Lease { get; init; } = 2 * Deadline;

    /// <summary>There is something new in the outbox.</summary>
    public void Changed() => _changed.Set();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll([PruneAsync(stoppingToken), .. _channels.Select(c => WorkAsync(c, stoppingToken))]);

    /// <summary>Takes rows while there are some and hands are free.</summary>
    private async Task WorkAsync(IOutboxChannel channel, CancellationToken stoppingToken)
    {
        var underway = new List<(string Target, Task Task)>();
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = _changed.Next;
            var wait = options.Interval;
            try
            {
                underway.RemoveAll(u => u.Task.IsCompleted);
                var owner = Guid.NewGuid();
                while (underway.Count < options.PerChannel && await OutboxRow.ClaimAsync(
                    database, channel.Name, Busy(channel.Name, underway), channel.InOrder, owner, time.GetUtcNow(), Lease, stoppingToken) is { } row)
                {
                    underway.Add((row.Item.Target, DeliverAsync(channel, row, owner, stoppingToken)));
                    owner = Guid.NewGuid();
                }
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is ObjectDisposedException)
            {
                Log.Later(logger, channel.Name, e.Message);
                wait = s_databaseAway;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }

            // With a hand free again there may be more to take at once.
            Task any = Task.WhenAny([changed, .. underway.Select(u => u.Task)]);
            await any.WaitAsync(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(underway.Select(u => u.Task));
    }

    private string[] Busy(string channel, List<(string Target, Task Task)> underway)
    {
        var now = time.GetUtcNow();
        return
        [
            .. underway.GroupBy(u => u.Target, StringComparer.Ordinal).Where(g => g.Count() >= options.PerTarget).Select(g => g.Key),
            .. _holds.Where(h => h.Key.Channel == channel && h.Value.Until > now).Select(h => h.Key.Target),
        ];
    }

    private async Task DeliverAsync(IOutboxChannel channel, OutboxRow row, Guid owner, CancellationToken stoppingToken)
    {
        var began = time.GetTimestamp();
        try
        {
            var failure = await TryAsync(channel, row, stoppingToken);
            metrics.Tried(channel.Name, time.GetElapsedTime(began));
            await NoteAsync(channel, row, owner, failure);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await ReleaseAsync(row, owner);
        }
        catch (Exception e) when (DatabaseOutage.Is(e) || e is ObjectDisposedException)
        {
            // Its lease runs out, and it is delivered again: at least once.
            Log.Later(logger, channel.Name, e.Message);
        }
    }

    /// <returns>Null: it has arrived.</returns>
    private async Task<DeliveryException?> TryAsync(IOutboxChannel channel, OutboxRow row, CancellationToken stoppingToken)
    {
        if (time.GetUtcNow() - row.CreatedAt > options.MaxAge)
            return new DeliveryException($"It waited for more than {options.MaxAge.TotalHours:0} hours", isFinal: true);
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, deadline.Token);
        try
        {
            await channel.DeliverAsync(row.Item, either.Token);
            return null;
        }
        catch (DeliveryException e)
        {
            return e;
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return new DeliveryException($"It was not delivered within {Deadline.TotalSeconds:0} s", isFinal: false);
        }
        catch (Exception e) when (e is not OperationCanceledException && !DatabaseOutage.Is(e))
        {
            Log.Unexpected(logger, e, channel.Name, row.Item.Target, row.Item.EventId);
            return new DeliveryException("An error of the software; control's log has it", isFinal: false, e);
        }
    }

    private async Task NoteAsync(IOutboxChannel way, OutboxRow row, Guid owner, DeliveryException? failure)
    {
        var (now, channel, target) = (time.GetUtcNow(), way.Name, (way.Name, row.Item.Target));
        if (failure is null)
        {
            _holds.TryRemove(target, out _);
            await row.DeliveredAsync(database, owner, now, CancellationToken.None);
            metrics.Ended(channel, "delivered");
            return;
        }

        if (failure.IsFinal || (row.Attempts >= options.MaxAttempts && !way.InOrder))
        {
            await row.BuryAsync(database, owner, now, failure.Message, CancellationToken.None);
            metrics.Ended(channel, "dead");
            Log.Dead(logger, channel, row.Item.Target, row.Item.EventId, row.Attempts, failure.Message);
        }
        else
        {
            // Behind it others wait: it is tried again whenever its target is.
            var until = way.InOrder ? HoldAfter(row.Attempts).Until : now + BackOff(row.Attempts);
            await row.PostponeAsync(database, owner, until, failure.Message, CancellationToken.None);
            metrics.Ended(channel, "postponed");
            Log.Postponed(logger, channel, row.Item.Target, row.Item.EventId, until, failure.Message);
        }

        // What is wrong with one item says nothing about the next; what is wrong with the target does.
        if (!failure.IsFinal)
            _holds.AddOrUpdate(target, _ => HoldAfter(1), (_, h) => h.Until > now ? h : HoldAfter(h.Failures + 1));

        Hold HoldAfter(int failures) => new(failures, now + TimeSpan.FromTicks(Math.Min(BackOff(failures).Ticks, (way.LongestHold ?? TimeSpan.MaxValue).Ticks)));
    }

    private async Task ReleaseAsync(OutboxRow row, Guid owner)
    {
        try
        {
            await row.ReleaseAsync(database, owner, CancellationToken.None);
        }
        catch (Exception e) when (DatabaseOutage.Is(e) || e is ObjectDisposedException)
        {
            Log.Later(logger, row.Item.Channel, e.Message);
        }
    }

    /// <summary>Twice as long each time, and up to a quarter more by chance: what failed together does not come together again.</summary>
    internal TimeSpan BackOff(int attempts)
    {
        var whole = Math.Min(options.FirstBackOff.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 30)), options.LongestBackOff.TotalSeconds);
        return TimeSpan.FromSeconds(whole * (1 + (Random.Shared.NextDouble() / 4)));
    }

    private async Task PruneAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var now = time.GetUtcNow();
                foreach (var target in _holds.Where(h => h.Value.Until < now - options.LongestBackOff).Select(h => h.Key))
                    _holds.TryRemove(target, out _);
                await OutboxPruning.RunAsync(database, options, now, stoppingToken);
                metrics.Counted(await OutboxPruning.CountAsync(database, stoppingToken));
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is ObjectDisposedException)
            {
                Log.Later(logger, "all", e.Message);
            }

            await Task.Delay(s_pruneEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A target that is left alone.</summary>
    private sealed record Hold(int Failures, DateTimeOffset Until);

    private static partial class Log
    {
        [LoggerMessage(1600, LogLevel.Debug, "The outbox is looked after later ({Channel}): {Reason}")]
        public static partial void Later(ILogger logger, string channel, string reason);

        [LoggerMessage(1601, LogLevel.Information, "{Channel} to {Target}: event {EventId} is tried again at {Until} ({Reason})")]
        public static partial void Postponed(ILogger logger, string channel, string target, string eventId, DateTimeOffset until, string reason);

        [LoggerMessage(1602, LogLevel.Warning, "{Channel} to {Target}: event {EventId} is given up after {Attempts} tries and is among the dead letters ({Reason})")]
        public static partial void Dead(ILogger logger, string channel, string target, string eventId, int attempts, string reason);

        [LoggerMessage(1603, LogLevel.Error, "{Channel} to {Target}: event {EventId} ran into an error of the software and is tried again")]
        public static partial void Unexpected(ILogger logger, Exception exception, string channel, string target, string eventId);
    }
}
