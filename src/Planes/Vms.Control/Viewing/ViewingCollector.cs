using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Viewing;

/// <summary>Fetches from media and recorder who watched what and writes it into the audit log: once each, whatever is repeated, and later when control or a plane
/// was away (docs/design/revocation.md).</summary>
internal sealed partial class ViewingCollector(
    NpgsqlDataSource database, RightsState rights, PlaneOptions options, TimeProvider time, ILogger<ViewingCollector> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_callDeadline = TimeSpan.FromSeconds(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(ViewingParts.Planes.Select(plane => CollectAsync(plane, stoppingToken)));

    private async Task CollectAsync(string plane, CancellationToken stoppingToken)
    {
        using var http = LocalHttp.Client(options.SocketOf(plane, "http"));
        http.Timeout = s_callDeadline;
        long? lost = null;       // what was lost before is not this run's news
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await PassAsync(plane, http, stoppingToken) is { } taken)
                {
                    if (taken.Lost > lost)
                        Log.Lost(logger, plane, taken.Lost - lost.Value);
                    else if (lost is null && taken.Lost > 0)
                        Log.LostBefore(logger, plane, taken.Lost);
                    lost = taken.Lost;
                    if (!taken.HasMore)
                        break;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is HttpRequestException or JsonException or OperationCanceledException)
            {
                Log.Later(logger, plane, e.Message);
            }

            await Task.Delay(s_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>What there was; null: no answer.</returns>
    private async Task<ViewingReports?> PassAsync(string plane, HttpClient http, CancellationToken cancellationToken)
    {
        var reported = await ReportedAsync(plane, cancellationToken);
        using var answer = await http.PostAsJsonAsync(ViewingEndpoints.ViewingsPath, new ViewingsRequest(reported?.Epoch, reported?.Sequence ?? 0), cancellationToken);
        answer.EnsureSuccessStatusCode();
        var reports = await answer.Content.ReadFromJsonAsync<ViewingReports>(cancellationToken);
        if (reports is not { Items.Count: > 0 })
            return reports;

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        long after = reported?.Epoch == reports.Epoch ? reported.Sequence : 0;
        foreach (var report in reports.Items.Where(r => r.Sequence > after))
            await AddAsync(connection, report, cancellationToken);
        await connection.ExecuteAsync("""
            insert into control.viewing_reported (plane, epoch, sequence) values ($1, $2, $3)
            on conflict (plane) do update set epoch = excluded.epoch, sequence = excluded.sequence
            """, [plane, reports.Epoch, reports.Items[^1].Sequence], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return reports;
    }

    private async Task<Reported?> ReportedAsync(string plane, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select epoch, sequence from control.viewing_reported where plane = $1", plane);
        return await command.FirstAsync(r => new Reported(r.GetGuid(0), r.GetInt64(1)), cancellationToken);
    }

    private Task AddAsync(NpgsqlConnection connection, ViewingReport report, CancellationToken cancellationToken)
    {
        bool isRefusal = report.Kind == WatchKind.Refused;
        return AuditLog.AddAsync(
            connection, time.GetUtcNow(), new Actor(TenantOf(report), report.User, report.Address), ActionOf(report.Kind), report.CameraId,
            isRefusal
                ? new { reason = report.Transport, beganAt = report.BeganAt, report.Seconds, report.Count }
                : new
                {
                    viewing = report.Id,
                    report.Transport,
                    report.Stream,
                    beganAt = report.BeganAt,
                    report.Seconds,
                    report.From,
                    report.To,
                    report.GoesOn,
                    report.IsCutOff,
                },
            cancellationToken, isRefusal ? AuditLog.Refused : AuditLog.Done);
    }

    /// <summary>Of whoever watched; of somebody unknown, the camera's.</summary>
    private string TenantOf(ViewingReport report) =>
        report.TenantId ?? (report.AccountId is { } account ? rights.Current?.Find(account)?.TenantId : null)
        ?? rights.Current?.Cameras.GetValueOrDefault(report.CameraId)?.TenantId ?? Tenants.First;

    private static string ActionOf(WatchKind kind) => kind switch
    {
        WatchKind.Live => "live.watched",
        WatchKind.Playback => "playback.watched",
        WatchKind.Snapshot => "snapshot.taken",
        _ => "viewing.refused",
    };

    private sealed record Reported(Guid Epoch, long Sequence);

    private static partial class Log
    {
        [LoggerMessage(1258, LogLevel.Information, "{Count} viewings on plane {Plane} since it was set up are not in the audit log: there were too many at once, or control was away for too long")]
        public static partial void LostBefore(ILogger logger, string plane, long count);

        [LoggerMessage(1255, LogLevel.Debug, "Who watched is fetched from plane {Plane} later: {Reason}")]
        public static partial void Later(ILogger logger, string plane, string reason);

        [LoggerMessage(1256, LogLevel.Warning, "{Count} viewings on plane {Plane} are not in the audit log: there were too many at once, or control was away for too long")]
        public static partial void Lost(ILogger logger, string plane, long count);
    }
}
