using System.Text.Json;
using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Control.Data;
using Vms.Control.Reconciliation;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Exports;

/// <summary>Carries exports to the recorder and its progress back, and lets them expire. Everything is repeated until it is done: the recorder, control and the
/// database may go and come back at any moment.</summary>
internal sealed partial class ExportJobs(
    NpgsqlDataSource database, ObservedState observed, PlaneOptions options, TimeProvider time, ILogger<ExportJobs> logger) : BackgroundService
{
    private const string Away = "recorderAway";
    private const int MaxAtATime = 200;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_intervalWhileWorking = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_callDeadline = TimeSpan.FromSeconds(30);

    /// <summary>What is known of an export that is gone; who did what stays in the audit.</summary>
    private static readonly TimeSpan s_remembered = TimeSpan.FromDays(365);

    private readonly RpcChannel _channel = new(new Uri("unix://" + options.SocketOf("recorder", "rpc")), time);
    private readonly ChangeSignal _changed = new();

    /// <summary>Exports whose files cannot be removed, as was said already. Used by one pass at a time.</summary>
    private readonly HashSet<string> _stuck = [];

    /// <summary>There is something to do.</summary>
    public void Changed() => _changed.Set();

    /// <summary>Of how much of what is recorded faces cannot be hidden.</summary>
    /// <exception cref="RpcException">The recorder does not say.</exception>
    public async Task<IReadOnlyList<HeadMeasure>> MeasureHeadsAsync(
        IEnumerable<string> cameras, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var request = new MeasureHeadsRequest { CameraIds = { cameras }, FromUnixMs = from.ToUnixTimeMilliseconds(), ToUnixMs = to.ToUnixTimeMilliseconds() };
        var reply = await _channel.UnaryAsync("vms.recorder.v1.RecorderPlane/MeasureHeads", request, MeasureHeadsReply.Parser, s_callDeadline, cancellationToken);
        return reply.Cameras;
    }

    public override void Dispose()
    {
        _channel.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = _changed.Next;
            var interval = s_interval;
            try
            {
                await ExpireAsync(stoppingToken);
                if (await PassAsync(stoppingToken))
                    interval = s_intervalWhileWorking;
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is RpcException)
            {
                Log.Later(logger, e.Message);
            }

            await changed.WaitAsync(interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ExpireAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await database.ExecuteAsync(
            """
            with gone as (update control.export set state = 'expired' where state = 'done' and expires_at <= $1 returning id, tenant_id)
            insert into control.audit (tenant_id, at, actor, action, subject, detail) select tenant_id, $1, '', 'export.expired', id, '{}' from gone
            """, [now], cancellationToken);
        await database.ExecuteAsync("delete from control.export where cleared and requested_at < $1", [now - s_remembered], cancellationToken);
    }

    /// <returns>Whether something is under way.</returns>
    private async Task<bool> PassAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"select {ExportRow.Columns} from {ExportRow.Source} where not x.cleared and x.state <> 'done' order by x.state not in ('queued', 'running'), x.requested_at limit {MaxAtATime}");
        var rows = await command.RowsAsync(ExportRow.Read, cancellationToken);
        bool working = false;
        foreach (var row in rows)
        {
            bool open = row.State is ExportStates.Queued or ExportStates.Running;
            working |= open;
            if (!observed.IsConnected("recorder"))
            {
                if (open)
                    await WaitAsync(row, "The recorder is not available; the export goes on when it is back.", cancellationToken);
            }
            else if (open)
            {
                await FollowAsync(row, cancellationToken);
            }
            else
            {
                await ClearAsync(row, cancellationToken);
            }
        }

        return working;
    }

    /// <summary>One whose files cannot be removed does not hold up the others.</summary>
    private async Task ClearAsync(ExportRow row, CancellationToken cancellationToken)
    {
        try
        {
            await _channel.UnaryAsync(
                "vms.recorder.v1.RecorderPlane/DeleteExport", new DeleteExportRequest { Id = row.Id }, DeleteExportReply.Parser, s_callDeadline, cancellationToken);
            await database.ExecuteAsync("update control.export set cleared = true, files = '[]' where id = $1", [row.Id], cancellationToken);
            _stuck.Remove(row.Id);
        }
        catch (RpcException e)
        {
            if (_stuck.Add(row.Id))
                Log.NotCleared(logger, row.Id, e.Detail);
        }
    }

    private async Task FollowAsync(ExportRow row, CancellationToken cancellationToken)
    {
        try
        {
            await TakeOverAsync(
                row,
                await _channel.UnaryAsync("vms.recorder.v1.RecorderPlane/StartExport", SpecOf(row), ExportStatus.Parser, s_callDeadline, cancellationToken),
                cancellationToken);
        }
        catch (RpcException e) when (e.Status == RpcStatus.InvalidArgument)
        {
            await TakeOverAsync(row, new ExportStatus { State = ExportStates.Failed, Code = "refused", Detail = e.Detail }, cancellationToken);
        }
        catch (RpcException e)
        {
            await WaitAsync(row, $"It waits: {e.Detail}", cancellationToken);
        }
        catch (Exception e) when (!DatabaseOutage.Is(e) && e is not OperationCanceledException)
        {
            // One row that nobody can make sense of holds up neither the others nor the plane.
            Log.Unexpected(logger, e, row.Id);
            await TakeOverAsync(
                row, new ExportStatus { State = ExportStates.Failed, Code = "internal", Detail = "The export ran into an error of the software; control's log has it." }, cancellationToken);
        }
    }

    /// <summary>Unless somebody cancelled it meanwhile.</summary>
    private async Task TakeOverAsync(ExportRow row, ExportStatus status, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        bool over = status.State is ExportStates.Done or ExportStates.Failed;
        if (!over && (status.State, status.Code, status.BytesDone, status.BytesTotal) == (row.State, row.Code, row.BytesDone, row.BytesTotal))
            return;
        string files = JsonSerializer.Serialize(status.Files.Select(f => new ExportedFileRow(f.Name, f.Bytes, f.Sha256, f.CameraId)), JsonSerializerOptions.Web);
        await database.ExecuteAsync(
            """
            update control.export set state = $2, code = $3, detail = $4, bytes_done = $5, bytes_total = $6, files = $7::jsonb, zip_bytes = $8, finished_at = $9, expires_at = $10, unlooked_seconds = $11
            where id = $1 and state in ('queued', 'running')
            """,
            [
                row.Id, status.State, status.Code, status.Detail, status.BytesDone, status.BytesTotal, files, status.ZipBytes, over ? now : null,
                status.State == ExportStates.Done ? now.AddDays(options.ExportDays) : null, status.UnlookedSeconds,
            ],
            cancellationToken);
    }

    private Task WaitAsync(ExportRow row, string why, CancellationToken cancellationToken) => row.Detail == why ? Task.CompletedTask : database.ExecuteAsync(
        "update control.export set code = $2, detail = $3 where id = $1 and state in ('queued', 'running')", [row.Id, Away, why], cancellationToken);

    private static ExportSpec SpecOf(ExportRow row)
    {
        var spec = new ExportSpec
        {
            Id = row.Id,
            FromUnixMs = row.From.ToUnixTimeMilliseconds(),
            ToUnixMs = row.To.ToUnixTimeMilliseconds(),
            Format = row.Format,
            Note = row.Note,
            RequestedBy = row.RequestedBy,
            BurnIn = row.BurnIn?.ToSpec(),
        };
        spec.Cameras.Add(row.Cameras.Zip(row.SiteIds, (c, site) => new ExportCamera { Id = c.Id, Name = c.Name, SiteId = site }));
        return spec;
    }

    private static partial class Log
    {
        [LoggerMessage(1090, LogLevel.Debug, "Exports are looked after later: {Reason}")]
        public static partial void Later(ILogger logger, string reason);

        [LoggerMessage(1092, LogLevel.Error, "Export {Id} ran into an error and is given up")]
        public static partial void Unexpected(ILogger logger, Exception exception, string id);

        [LoggerMessage(1091, LogLevel.Warning, "The files of export {Id} could not be removed ({Reason}); it is tried again until they are gone")]
        public static partial void NotCleared(ILogger logger, string id, string reason);
    }
}
