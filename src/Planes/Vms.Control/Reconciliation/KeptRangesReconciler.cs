using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;
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
    private static readonly TimeSpan s_tellBehind = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_callDeadline = TimeSpan.FromSeconds(20);

    private readonly RpcChannel _channel = new(new Uri("unix://" + options.SocketOf("recorder", "rpc")), time);
    private readonly ChangeSignal _changed = new();
    private long? _behindSince;
    private bool _toldBehind;

    /// <summary>Call after a commit that touched <c>control.kept_range</c>.</summary>
    public void Changed() => _changed.Set();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        // Apart: a measure of years takes long, and a hold is not to wait for it.
        Task.WhenAll(RunAsync(TellAsync, stoppingToken), RunAsync(MeasureAsync, stoppingToken));

    private async Task RunAsync(Func<CancellationToken, Task> pass, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = _changed.Next;
            try
            {
                await pass(stoppingToken);
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

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!observed.IsConnected("recorder"))
            {
                Behind("it does not answer");
                return;
            }

            await PassAsync(cancellationToken);
            (_behindSince, _toldBehind) = (null, false);
        }
        catch (RpcException e)
        {
            Behind(e.Message);
            throw;
        }
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        var wanted = await WantedAsync(cancellationToken);
        var applied = await ListAsync(wanted, withRanges: false, cancellationToken);
        if (applied.Generation > 0 && !wanted.IsOurs(applied.ListId))
        {
            wanted = await TakeOverAsync(wanted, cancellationToken);
            await SendAsync(cancellationToken);
        }
        else if ((applied.Generation, applied.ListId) != (wanted.Generation, wanted.Id))
        {
            await SendAsync(cancellationToken);
        }
        else
        {
            await database.ExecuteAsync(
                "update control.kept_generation set applied = $1, applied_id = $2 where applied <> $1 or applied_id is distinct from $2",
                [applied.Generation, applied.ListId], cancellationToken);
        }
    }

    /// <summary>What is new is not in force while this goes on: that is said once.</summary>
    private void Behind(string reason)
    {
        _behindSince ??= time.GetTimestamp();
        if (!_toldBehind && time.GetElapsedTime(_behindSince.Value) > s_tellBehind)
        {
            _toldBehind = true;
            Log.Behind(logger, reason);
        }
    }

    private async Task<WantedList> WantedAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Command("select generation, list_id, sent_id, applied_id from control.kept_generation");
        return (await command.FirstAsync(
            r => new WantedList(r.GetInt64(0), r.GetString(1), r.StringOrNull(2), r.StringOrNull(3)), cancellationToken))!;
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        // One statement: list and generation of the same moment. Bookmarks that are over are in it, too: whether they are is for the recorder
        // to say, which does not believe a clock that jumped. Those that end first stay out when there are too many.
        await using var command = database.Command("""
            select g.generation, k.id, k.camera_id, k.kind, k.from_time, k.to_time, k.until_time, k.name, g.list_id
            from control.kept_generation g left join control.kept_range k on true
            order by k.kind = 'bookmark', k.until_time desc
            """);
        var list = new KeptRanges();
        var (now, leftOut) = (time.GetUtcNow().ToUnixTimeMilliseconds(), 0);
        foreach (var (generation, id, range) in await command.RowsAsync(
            r => (r.GetInt64(0), r.GetString(8), r.IsDBNull(1) ? null : Range(r)), cancellationToken))
        {
            (list.Generation, list.ListId) = (generation, id);
            if (range is not null && (range.Kind != "bookmark" || list.Ranges.Count < KeptRangeRows.MaxRanges))
                list.Ranges.Add(range);
            else if (range?.UntilUnixMs > now)
                leftOut++;
        }

        await database.ExecuteAsync("update control.kept_generation set sent_id = $1", [list.ListId], cancellationToken);
        await _channel.UnaryAsync(Service + "KeepRanges", list, KeepRangesReply.Parser, s_callDeadline, cancellationToken);
        await database.ExecuteAsync(
            "update control.kept_generation set applied = $1, applied_id = $2", [list.Generation, list.ListId], cancellationToken);
        Log.Sent(logger, list.Generation, list.Ranges.Count);
        if (leftOut > 0)
            Log.LeftOut(logger, leftOut, KeptRangeRows.MaxRanges);
    }

    /// <summary>The recorder has a list that this database did not make: it came from a backup, or the disk from another machine. Holds and
    /// clips are not forgotten with it: those that the database does not know are in it again, whichever number is higher. For the rest
    /// the database counts, as for everything else.</summary>
    private async Task<WantedList> TakeOverAsync(WantedList wanted, CancellationToken cancellationToken)
    {
        var list = await ListAsync(wanted, withRanges: true, cancellationToken);
        var recovered = new KeptTakeOver(list, time.GetUtcNow());
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            // Nothing is in force until the list is sent that has both.
            await connection.ExecuteAsync("""
                update control.kept_generation
                set generation = greatest(generation, $1) + 1, list_id = gen_random_uuid()::text, applied = 0, applied_id = $2
                """, [list.Generation, list.ListId], cancellationToken);
            await recovered.IntoAsync(connection, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        Log.OtherList(logger, list.Generation, recovered.Holds, recovered.Clips);
        return await WantedAsync(cancellationToken);
    }

    /// <summary>Once a range is there, and again when it is over: until then it grows.</summary>
    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        if (!observed.IsConnected("recorder"))
            return;

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

    private Task<KeptRanges> ListAsync(WantedList wanted, bool withRanges, CancellationToken cancellationToken) => _channel.UnaryAsync(
        Service + "ListKeptRanges",
        new ListKeptRangesRequest { WithRanges = withRanges, WantedGeneration = wanted.Generation, WantedListId = wanted.Id }, KeptRanges.Parser,
        s_callDeadline, cancellationToken);

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

        [LoggerMessage(1082, LogLevel.Warning, "The recorder keeps list {Applied} of bookmarks, clips and holds, which this database did not make: it was restored from a "
            + "backup, or the disk comes from another machine. {Holds} holds and {Clips} clips that it did not know are in it now; for bookmarks the database counts")]
        public static partial void OtherList(ILogger logger, long applied, int holds, int clips);

        [LoggerMessage(1084, LogLevel.Warning, "{Bookmarks} bookmarks keep nothing: the list of what is to be kept has room for {Ranges} ranges, and holds and clips that were "
            + "taken over need it; delete some that nobody needs")]
        public static partial void LeftOut(ILogger logger, int bookmarks, int ranges);

        [LoggerMessage(1083, LogLevel.Warning, "What is to be kept could not be told to the recorder for more than a minute ({Reason}): holds, clips and bookmarks made since "
            + "then are not in force; it is tried again until they are")]
        public static partial void Behind(ILogger logger, string reason);
    }

    /// <summary>The list as the database wants it, and what it knows of the recorder's.</summary>
    private sealed record WantedList(long Generation, string Id, string? SentId, string? AppliedId)
    {
        /// <summary>Did this database make it, or has it taken over what is in it?</summary>
        public bool IsOurs(string listId) => listId == Id || listId == SentId || listId == AppliedId;
    }
}
