using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Events;
using Vms.Control.Features.Rules;

namespace Vms.Control.Features.Alarms;

/// <summary>A row of <c>control.alarm</c>.</summary>
internal static partial class AlarmRow
{
    public const string Columns = """
        a.id, a.rule_id, a.rule_name, a.event_id, a.event_at, a.event_type, a.camera_id, c.name, a.site_id, a.title, a.severity, a.state, a.at, a.assigned_to,
        a.acknowledged_by, a.acknowledged_at, a.closed_by, a.closed_at, a.comments, a.escalate_at, e.taken, a.updated_at
        """;

    public const string From = """
        control.alarm a left join control.camera c on c.id = a.camera_id
        left join lateral (select case when snapshot is not null then coalesce(snapshot ->> 'cameraId', camera_id) end as taken from control.event where id = a.event_id and at = a.event_at) e on true
        """;

    public static AlarmView Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.StringOrNull(1), row.GetString(2), row.GetString(3), row.Time(4), row.GetString(5), row.StringOrNull(6), row.StringOrNull(7), row.StringOrNull(8),
        row.GetString(9), row.GetString(10), row.GetString(11), row.Time(12), row.StringOrNull(13), row.StringOrNull(14), row.TimeOrNull(15), row.StringOrNull(16), row.TimeOrNull(17),
        JsonSerializer.Deserialize<List<AlarmComment>>(row.GetString(18), JsonSerializerOptions.Web)!, row.TimeOrNull(19),
        row.StringOrNull(20) is { } shown ? EventAddress.Of(shown, row.GetString(3), row.Time(4), "snapshot.jpg") : null, row.Time(21));

    /// <summary>One alarm for each of these firings that wants one, in their transaction.</summary>
    /// <returns>Those that are new.</returns>
    public static async Task<IReadOnlyList<AlarmView>> RaiseAsync(NpgsqlConnection connection, IReadOnlyList<RuleFiring> firings, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var raised = new List<AlarmView>();
        foreach (var (firing, action) in firings.Select(f => (f, f.Rule.Actions.FirstOrDefault(a => a.Type == "alarm"))))
        {
            if (action is null)
                continue;
            var (happened, steps) = (firing.Event, action.Escalation ?? []);
            DateTimeOffset? escalateAt = steps.Count > 0 ? now.AddMinutes(steps[0].AfterMinutes!.Value) : null;
            var (id, title, severity) = (CameraId.New(), action.Title ?? firing.Rule.Name, action.Severity ?? "warning");
            var added = await connection.ExecuteAsync("""
                insert into control.alarm (id, tenant_id, rule_id, rule_name, event_id, event_at, event_type, camera_id, site_id, title, severity, state, at, escalation, escalate_at, updated_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open', $12, $13::jsonb, $14, $12) on conflict (rule_id, event_id, event_at) do nothing
                """,
                [
                    id, firing.TenantId, firing.Rule.Id, firing.Rule.Name, happened.Id, happened.At, happened.Type, happened.CameraId, happened.SiteId, title, severity, now,
                    JsonSerializer.Serialize(steps, JsonSerializerOptions.Web), escalateAt,
                ], cancellationToken);
            if (added == 1)
            {
                raised.Add(new AlarmView(
                    id, firing.Rule.Id, firing.Rule.Name, happened.Id, happened.At, happened.Type, happened.CameraId, happened.CameraName, happened.SiteId, title, severity, "open", now,
                    null, null, null, null, null, [], escalateAt, null, now));
            }
        }

        return raised;
    }

    /// <param name="seen">Of the permission that is asked for; the alarms of others are none.</param>
    public static async Task<AlarmView?> FindAsync(NpgsqlConnection connection, CameraFilter seen, string id, bool locked, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            $"""
            select {Columns} from {From} where a.id = $1 and a.tenant_id = $2 and ($3::text[] is null or a.camera_id = any($3) or (a.camera_id is null and a.site_id = any($4)))
            {(locked ? "for update of a" : "")}
            """, id, seen.TenantId, seen.CameraIds, seen.SiteIds);
        return await command.FirstAsync(Read, cancellationToken);
    }
}
