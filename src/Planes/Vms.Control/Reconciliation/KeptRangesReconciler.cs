using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Control.Data;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Reconciliation;

/// <summary>Tells the recorder what is to be kept for bookmarks, clips and holds, as one list with a generation, and asks it how much of each
/// range there is.</summary>
internal sealed partial class KeptRangesReconciler(
    NpgsqlDataSource database, ObservedState observed, PlaneOptions options, TimeProvider time, ILogger<KeptRangesReconciler> logger) : BackgroundService
{
    private const string Service = "vms.recorder.v1.RecorderPlane/";
    private const int MaxMeasured = 100;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_callDeadline = TimeSpan.FromSeconds(20);

    private readonly RpcChannel _channel = new(new Uri("unix://" + options.SocketOf("recorder", "rpc")), time);
    private readonly ChangeSignal _changed = new();

    /// <summary>Call after a commit that touched <c>control.kept_range</c>.</summary>
    public void Changed() => _changed.Set();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = _changed.Next;
            try
            {
                if (observed.IsConnected("recorder"))
                    await PassAsync(stoppingToken);
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is RpcException)
            {
                Log.Later(logger, e.Message);
            }

            await changed.WaitAsync(s_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override void Dispose()
    {
        _channel.Dispose();
        base.Dispose();
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        await using var wantedOf = database.Command("select generation from control.kept_generation");
        var wanted = (long)(await wantedOf.ExecuteScalarAsync(cancellationToken))!;
        var applied = (await ListAsync(withRanges: false, cancellationToken)).Generation;
        if (applied > wanted)
            wanted = await TakeOverAsync(applied, cancellationToken);
        if (applied != wanted)
            await SendAsync(cancellationToken);
        else
            await database.ExecuteAsync("update control.kept_generation set applied = $1 where applied <> $1", [applied], cancellationToken);
        await MeasureAsync(cancellationToken);
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        // One statement: list and generation of the same moment.
        await using var command = database.Command("""
            select g.generation, k.id, k.camera_id, k.kind, k.from_time, k.to_time, k.until_time, k.name
            from control.kept_generation g left join control.kept_range k on k.until_time is null or k.until_time > $1
            """, time.GetUtcNow());
        var list = new KeptRanges();
        foreach (var (generation, range) in await command.RowsAsync(r => (r.GetInt64(0), r.IsDBNull(1) ? null : Range(r)), cancellationToken))
        {
            list.Generation = generation;
            if (range is not null)
                list.Ranges.Add(range);
        }

        await _channel.UnaryAsync(Service + "KeepRanges", list, KeepRangesReply.Parser, s_callDeadline, cancellationToken);
        await database.ExecuteAsync("update control.kept_generation set applied = $1", [list.Generation], cancellationToken);
        Log.Sent(logger, list.Generation, list.Ranges.Count);
    }

    /// <summary>The recorder's list is newer than the database, which came from a backup. Holds made since are not forgotten with it: those
    /// that the database does not know are in it again. For the rest the database counts, as for everything else.</summary>
    private async Task<long> TakeOverAsync(long applied, CancellationToken cancellationToken)
    {
        var list = await ListAsync(withRanges: true, cancellationToken);
        var recovered = 0;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var hold in list.Ranges.Where(r => r.Kind == "hold").GroupBy(r => r.Id))
        {
            if (!Guid.TryParse(hold.Key, out var id))
                continue;
            var (from, to) = (DateTimeOffset.FromUnixTimeMilliseconds(hold.First().FromUnixMs), DateTimeOffset.FromUnixTimeMilliseconds(hold.First().ToUnixMs));
            string[] cameras = [.. hold.Select(r => r.CameraId)];
            var isNew = await connection.ExecuteAsync("""
                insert into control.hold (id, reason, camera_ids, from_time, to_time, created_by, created_at) values ($1, $2, $3, $4, $5, 'recorder', $6)
                on conflict do nothing
                """, [id, hold.First().Name, cameras, from, to, time.GetUtcNow()], cancellationToken) == 1;
            if (!isNew)
                continue;
            recovered++;
            await connection.ExecuteAsync("""
                insert into control.kept_range (id, camera_id, kind, from_time, to_time, name, generation)
                select $1, unnest($2::text[]), 'hold', $3, $4, $5, $6 on conflict do nothing
                """, [id, cameras, from, to, hold.First().Name, applied + 1], cancellationToken);
        }

        await connection.ExecuteAsync("update control.kept_generation set generation = $1 where generation < $1", [applied + 1], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Log.RecorderIsNewer(logger, applied, recovered);
        return applied + 1;
    }

    /// <summary>Once a range is there, and again when it is over: until then it grows.</summary>
    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var command = database.Command($"""
            select g.generation, k.id, k.camera_id, k.kind, k.from_time, k.to_time, k.until_time, k.name
            from control.kept_range k cross join control.kept_generation g
            where k.from_time < $1 and (k.measured_at is null or (k.measured_at < k.to_time + interval '1 minute'
                and k.measured_at < $1 - greatest(interval '5 seconds', least(interval '10 minutes', (k.to_time - k.from_time) / 100))))
            order by k.measured_at nulls first limit {MaxMeasured}
            """, now);
        var ranges = await command.RowsAsync(Range, cancellationToken);
        if (ranges.Count == 0)
            return;

        var request = new MeasureRangesRequest { Ranges = { ranges } };
        var reply = await _channel.UnaryAsync(Service + "MeasureRanges", request, MeasureRangesReply.Parser, s_callDeadline, cancellationToken);
        foreach (var (range, measure) in ranges.Zip(reply.Measures))
        {
            await database.ExecuteAsync(
                "update control.kept_range set recorded_ms = $3, deleted_ms = $4, measured_at = $5 where id = $1 and camera_id = $2",
                [Guid.Parse(range.Id), range.CameraId, measure.RecordedMs, measure.DeletedMs, now], cancellationToken);
        }
    }

    private Task<KeptRanges> ListAsync(bool withRanges, CancellationToken cancellationToken) => _channel.UnaryAsync(
        Service + "ListKeptRanges", new ListKeptRangesRequest { WithRanges = withRanges }, KeptRanges.Parser, s_callDeadline, cancellationToken);

    private static KeptRange Range(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(1).ToString(),
        CameraId = row.GetString(2),
        Kind = row.GetString(3),
        FromUnixMs = row.Time(4).ToUnixTimeMilliseconds(),
        ToUnixMs = row.Time(5).AddTicks(TimeSpan.TicksPerMillisecond - 1).ToUnixTimeMilliseconds(),    // a part of a millisecond counts as one
        UntilUnixMs = row.TimeOrNull(6)?.ToUnixTimeMilliseconds() ?? 0,
        Name = row.GetString(7),
    };

    private static partial class Log
    {
        [LoggerMessage(1080, LogLevel.Information, "The recorder keeps list {Generation} of bookmarks, clips and holds: {Ranges} ranges")]
        public static partial void Sent(ILogger logger, long generation, int ranges);

        [LoggerMessage(1081, LogLevel.Debug, "What is to be kept is told to the recorder later: {Reason}")]
        public static partial void Later(ILogger logger, string reason);

        [LoggerMessage(1082, LogLevel.Warning, "The recorder keeps list {Applied} of bookmarks, clips and holds, which is newer than the database: it was restored from a "
            + "backup. {Holds} holds that it did not know are in it again; for clips and bookmarks the database counts")]
        public static partial void RecorderIsNewer(ILogger logger, long applied, int holds);
    }
}
