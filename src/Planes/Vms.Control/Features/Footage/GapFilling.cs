using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Jobs;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Footage;

/// <summary>
/// Queues a fetch for each gap that a camera's absence left, once the camera is back: for cameras that want it (<c>recording.fillGaps</c>). The recorder tells of
/// gaps as events; one event makes one job, however often it is looked at and whoever was restarted in between. One loop.
/// </summary>
internal sealed partial class GapFilling(
    NpgsqlDataSource database, CameraStates states, JobRunner jobs, TimeProvider time, ILogger<GapFilling> logger) : BackgroundService
{
    /// <summary>Who asks, as jobs and audit name it.</summary>
    internal const string By = "gap filling";

    /// <summary>Jobs that a look queues; the others are found by the next.</summary>
    private const int MaxAtATime = 50;

    /// <summary>Jobs that are not over. They are done one after the other: more would wait for days, and their gaps are found again.</summary>
    internal const int MaxOpen = 200;

    /// <summary>The recorder takes what is not longer than this for nothing that is missing.</summary>
    private const int ShortestSeconds = 2;

    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    /// <summary>Gaps that ended longer ago are left: the job of them was queued, or control was away for days, and jobs are forgotten one day.</summary>
    private static readonly TimeSpan s_lookBack = TimeSpan.FromDays(7);

    /// <summary>A camera that comes and goes is not asked at once, and the recorder imports nothing that young.</summary>
    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(30);

    /// <summary>A fetch looks through a day; of a longer gap the newest.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    private sealed record Gap(string EventId, string TenantId, DateTimeOffset From, DateTimeOffset To, CameraRow Camera);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            do
            {
                await TryPassAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Control stops.
        }
    }

    private async Task TryPassAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PassAsync(cancellationToken);
        }
        catch (Exception e) when (DatabaseOutage.Is(e) || e is ObjectDisposedException)
        {
            Log.Later(logger, e.Message);
        }
    }

    /// <summary>Looks once. Only one caller at a time.</summary>
    /// <returns>Jobs that were queued.</returns>
    internal async Task<int> PassAsync(CancellationToken cancellationToken)
    {
        int queued = 0;
        var known = await KnownAsync(cancellationToken);
        int room = Math.Min(MaxAtATime, MaxOpen - known.Values.Count(isOpen => isOpen));
        if (room <= 0)
            return 0;
        foreach (var gap in await FindAsync(known, cancellationToken))
        {
            if (queued < room && states.Of(gap.Camera).State == "online" && await QueueAsync(gap, cancellationToken))
                queued++;
        }

        if (queued > 0)
            jobs.Changed();
        return queued;
    }

    /// <summary>Not by now whether there is a job: the insert knows.</summary>
    private async Task<List<Gap>> FindAsync(Dictionary<string, bool> known, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var command = database.Command($"""
            select {CameraRow.SelectColumns}, gap.event as gap_event, camera.tenant_id as gap_tenant, gap.begins as gap_begins, gap.ends as gap_ends from control.camera cross join lateral (
                select e.id as event, e.at as begins, e.end_at as ends from control.event e
                where e.tenant_id = camera.tenant_id and e.type = 'recording.gap' and e.camera_id = camera.id
                    and e.at > $1 and e.end_at > e.at + make_interval(secs => {ShortestSeconds}) and e.end_at <= $2
                    and e.data ->> 'cause' = 'cameraOffline' and e.data ->> 'stream' = 'main') gap
            where deleted_at is null and enabled and (recording ->> 'fillGaps')::boolean
            order by gap.begins
            """, now - s_lookBack, now - s_settled);
        var found = await command.RowsAsync(r => new Gap(
            r.GetString(r.GetOrdinal("gap_event")), r.GetString(r.GetOrdinal("gap_tenant")), r.Time(r.GetOrdinal("gap_begins")), r.Time(r.GetOrdinal("gap_ends")),
            CameraRow.Read(r)), cancellationToken);
        return [.. found.Where(g => !known.ContainsKey(JobOf(g)))];
    }

    /// <returns>By job, whether it is not over.</returns>
    private async Task<Dictionary<string, bool>> KnownAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            "select id, state in ('queued', 'running') from control.job where kind = $1 and created_by = $2", FetchFootageJob.KindName, By);
        return (await command.RowsAsync(r => KeyValuePair.Create(r.GetString(0), r.GetBoolean(1)), cancellationToken)).ToDictionary();
    }

    private async Task<bool> QueueAsync(Gap gap, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var from = gap.To - gap.From > s_longest ? gap.To - s_longest : gap.From;
        var args = new FetchFootageJob.Args(gap.Camera.Id, from, gap.To, null, null, null);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        int added = await connection.ExecuteAsync("""
            insert into control.job (id, tenant_id, kind, args, state, created_by, created_by_id, created_at) values ($1, $2, $3, $4::jsonb, 'queued', $5, $6, $7)
            on conflict (id) do nothing
            """, [JobOf(gap), gap.TenantId, FetchFootageJob.KindName, JsonSerializer.Serialize(args, JsonSerializerOptions.Web), By, Guid.Empty, now], cancellationToken);
        if (added == 0)
            return false;
        await AuditLog.AddAsync(
            connection, now, new Actor(gap.TenantId, By, null), "footage.fetchRequested", gap.Camera.Id, new { jobId = JobOf(gap), from, to = gap.To }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Log.Queued(logger, gap.Camera.Id, from, gap.To);
        return true;
    }

    /// <summary>The same gap always gets the same job.</summary>
    private static string JobOf(Gap gap) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"fill/{gap.Camera.Id}/{gap.EventId}")).AsSpan(0, 16));

    private static partial class Log
    {
        [LoggerMessage(1330, LogLevel.Information, "Camera {CameraId} is back: what is missing from {From:O} to {To:O} is fetched from it")]
        public static partial void Queued(ILogger logger, string cameraId, DateTimeOffset from, DateTimeOffset to);

        [LoggerMessage(1331, LogLevel.Debug, "Gaps are looked for later: {Reason}")]
        public static partial void Later(ILogger logger, string reason);
    }
}
