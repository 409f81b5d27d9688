using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Events;
using Vms.Control.Features.LiveFeed;
using Vms.Control.Features.Rules;
using Vms.Control.Outbox;

namespace Vms.Control.Features.Alarms;

/// <summary>Tells the next one, by the next way, of an alarm that nobody acknowledged in time. The step and what is told are one transaction: nobody is left out, and
/// nobody is told twice.</summary>
internal sealed partial class AlarmEscalation(NpgsqlDataSource database, RightsState people, Lazy<OutboxRunner> outbox, FeedHub hub, TimeProvider time, ILogger<AlarmEscalation> logger) : BackgroundService
{
    private const int MaxAtATime = 50;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_databaseAway = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = s_interval;
            try
            {
                await PassAsync(stoppingToken);
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                Log.Later(logger, e.Message);
                wait = s_databaseAway;
            }

            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var due = connection.Command(
            "select id, tenant_id, escalation, escalation_step from control.alarm where state = 'open' and escalate_at <= $1 order by escalate_at limit $2 for update skip locked", now, MaxAtATime);
        var alarms = await due.RowsAsync(
            r => (Id: r.GetString(0), Tenant: r.GetString(1), Steps: JsonSerializer.Deserialize<List<EscalationStep>>(r.GetString(2), JsonSerializerOptions.Web)!, Step: r.GetInt32(3)), cancellationToken);
        if (alarms.Count == 0)
            return;

        var told = new List<AlarmView>();
        foreach (var (id, tenant, steps, step) in alarms)
        {
            DateTimeOffset? next = step + 1 < steps.Count ? now.AddMinutes(steps[step + 1].AfterMinutes!.Value) : null;
            await connection.ExecuteAsync(
                "update control.alarm set escalation_step = escalation_step + 1, escalate_at = $2, updated_at = $3 where id = $1", [id, next, now], cancellationToken);
            var alarm = (await AlarmRow.FindAsync(connection, new CameraFilter(tenant, null, []), id, locked: false, cancellationToken))!;
            told.Add(alarm);
            if (step >= steps.Count)
                continue;
            await OutboxTable.AddAsync(connection, transaction, await ItemsOfAsync(connection, tenant, alarm, steps[step], step, cancellationToken), cancellationToken);
            await AuditLog.AddAsync(connection, now, new Actor(tenant, "", null), "alarm.escalated", id, new { step = step + 1, steps[step].Channel, steps[step].Target }, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        outbox.Value.Changed();
        foreach (var alarm in told)
        {
            Log.Escalated(logger, alarm.Id, alarm.Title);
            hub.Publish(new AlarmMessage(alarm), Permissions.EventsRead, alarm.CameraId, alarm.SiteId);
        }
    }

    /// <summary>As a rule's action would have it told, so that whoever delivers it needs to know one shape alone.</summary>
    private async Task<IReadOnlyList<OutboxItem>> ItemsOfAsync(
        NpgsqlConnection connection, string tenantId, AlarmView alarm, EscalationStep step, int number, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"select {EventRow.Columns} from {EventRow.From} where e.id = $1 and e.at = $2", alarm.EventId, alarm.EventAt);
        var happened = await command.FirstAsync(EventRow.Read, cancellationToken) ?? new EventView(
            alarm.EventId, alarm.EventType, alarm.CameraId, alarm.CameraName, alarm.SiteId, null, alarm.EventAt, null, "control", null, null, null, null, null, null, null, null, null,
            JsonSerializer.SerializeToElement(new { }));
        var action = new RuleAction(
            step.Channel, Title: $"Not acknowledged: {alarm.Title}", Severity: alarm.Severity, WebhookId: step.Channel == "webhook" ? step.Target : null,
            Topic: step.Channel == "mqtt" ? step.Target : null, To: [step.Target!]);
        return [.. Messages.Of(tenantId, $"{alarm.RuleId}#{number + 1}", alarm.RuleName, happened, action, people.Current)];
    }

    private static partial class Log
    {
        [LoggerMessage(1691, LogLevel.Information, "Alarm {AlarmId} ({Title}) was not acknowledged in time; the next one is told")]
        public static partial void Escalated(ILogger logger, string alarmId, string title);

        [LoggerMessage(1692, LogLevel.Debug, "Alarms are escalated later: {Reason}")]
        public static partial void Later(ILogger logger, string reason);
    }
}
