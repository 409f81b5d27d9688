using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Alarms;
using Vms.Control.Features.Events;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Events;

/// <summary>
/// Makes the tables of the coming months, and removes what is older than VMS_EVENT_DAYS: whole months as tables, the rest in small pieces, and the pictures of all
/// of it. Events and reviews are gone then, and alarms that were closed before; what was recorded stays.
/// </summary>
internal sealed partial class EventMonths(NpgsqlDataSource database, EventPictures pictures, EventDays days, TimeProvider time, ILogger<EventMonths> logger) : BackgroundService
{
    private const int MonthsAhead = 2;
    private const int MaxRows = 5000;
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = s_interval;
            try
            {
                await PassAsync(stoppingToken);
            }
            // At the first start the migrations may not have run yet.
            catch (Exception e) when (DatabaseOutage.Is(e) || e is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedTable })
            {
                Log.Later(logger, e.Message);
                wait = s_again;
            }

            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var month = new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Unspecified);
        for (var ahead = 0; ahead <= MonthsAhead; ahead++)
            await ExecuteAsync("select control.add_event_month($1::date)", [DateOnly.FromDateTime(month.AddMonths(ahead))], cancellationToken);

        var before = now - days.Kept;
        foreach (var old in await MonthsAsync(cancellationToken))
        {
            if (old.AddMonths(1) > before.UtcDateTime)
                continue;
            var table = old.ToString("'control.event_'yyyy_MM", CultureInfo.InvariantCulture);
            await ExecuteAsync("drop table " + table, [], cancellationToken);
            Log.Dropped(logger, table);
        }

        // A few at a time: nobody waits for the rows of a month.
        while (await database.ExecuteAsync(
            "delete from control.event where (id, at) in (select id, at from control.event where at < $1 order by at limit $2)", [before, MaxRows], cancellationToken) == MaxRows)
        {
            await Task.Delay(s_pause, time, cancellationToken);
        }

        // When a rule fired last stays known.
        await ExecuteAsync(
            "delete from control.rule_day d where day < $1 and exists (select 1 from control.rule_day later where later.rule_id = d.rule_id and later.day > d.day)",
            [DateOnly.FromDateTime(before.UtcDateTime)], cancellationToken);
        await AlarmRow.CloseManyAsync(database, now, cancellationToken);
        while (await AlarmRow.DeleteClosedAsync(database, before, MaxRows, cancellationToken) == MaxRows)
            await Task.Delay(s_pause, time, cancellationToken);

        try
        {
            await pictures.DeleteBeforeAsync(before, cancellationToken);
        }
        catch (RpcException e)
        {
            Log.PicturesLater(logger, e.Message);
        }
    }

    private async Task<List<DateTime>> MonthsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Command("""
            select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent = 'control.event'::regclass and c.relname ~ '^event_\d{4}_\d{2}$' order by 1
            """);
        return await command.RowsAsync(
            r => DateTime.ParseExact(r.GetString(0), "'event_'yyyy_MM", CultureInfo.InvariantCulture, DateTimeStyles.None), cancellationToken);
    }

    /// <summary>Changes of tables wait for whoever reads them, and everybody else behind them: not for long.</summary>
    private async Task ExecuteAsync(string sql, object?[] values, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync("set local lock_timeout = '2s'", [], cancellationToken);
        await connection.ExecuteAsync(sql, values, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1693, LogLevel.Debug, "Tables of events are looked after later: {Reason}")]
        public static partial void Later(ILogger logger, string reason);

        [LoggerMessage(1694, LogLevel.Information, "Events of {Table} are older than is kept, the table is gone")]
        public static partial void Dropped(ILogger logger, string table);

        [LoggerMessage(1695, LogLevel.Debug, "Pictures of events that are gone are removed in an hour: {Reason}")]
        public static partial void PicturesLater(ILogger logger, string reason);
    }
}

/// <summary>How long events are kept.</summary>
internal sealed record EventDays(TimeSpan Kept)
{
    private const int Default = 90;
    private const int Max = 3650;

    /// <exception cref="ValidationException">VMS_EVENT_DAYS is not a number of days.</exception>
    public static EventDays Of(IConfiguration configuration)
    {
        if (PlaneOptions.Setting(configuration, "VMS_EVENT_DAYS") is not { } text)
            return new EventDays(TimeSpan.FromDays(Default));
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= Max
            ? new EventDays(TimeSpan.FromDays(days))
            : throw new ValidationException($"VMS_EVENT_DAYS is '{text}'; expected a number of days from 1 to {Max}");
    }
}
