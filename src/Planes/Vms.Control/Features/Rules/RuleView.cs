using System.Text.Json;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Rules;

/// <summary>A rule as the API shows it.</summary>
/// <param name="CreatedBy">Empty for those that every installation begins with.</param>
/// <param name="Version">Of what can be changed, as the <c>ETag</c> of an answer about this one alone has it.</param>
/// <param name="LastFiredAt">The time of the last event that it did something for; null: it never did.</param>
/// <param name="FiredLastWeek">For how many events of the last seven days (UTC), today's included.</param>
internal sealed record RuleView(
    string Id, string Name, bool Enabled, string? SiteId, RuleCondition When, int CooldownSeconds, IReadOnlyList<RuleAction> Actions, string CreatedBy, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, string Version, DateTimeOffset? LastFiredAt, long FiredLastWeek) : IVersioned;

/// <summary>A row of <c>control.rule</c>.</summary>
internal static class RuleRow
{
    public const string Columns = """
        r.id, r.name, r.enabled, r.settings, r.created_by, r.created_at, r.updated_at,
        (select max(d.last_at) from control.rule_day d where d.rule_id = r.id),
        (select coalesce(sum(d.fired), 0)::bigint from control.rule_day d where d.rule_id = r.id and d.day > (now() at time zone 'UTC')::date - 7)
        """;

    public static RuleView Read(NpgsqlDataReader row)
    {
        var settings = SettingsOf(row.GetString(3));
        return new RuleView(
            row.GetString(0), row.GetString(1), row.GetBoolean(2), settings.SiteId, settings.When, settings.CooldownSeconds, settings.Actions, row.GetString(4), row.Time(5), row.Time(6),
            ItemVersion.Of(row.Time(6)), row.IsDBNull(7) ? null : row.Time(7), row.GetInt64(8));
    }

    public static RuleSettings SettingsOf(string json) => JsonSerializer.Deserialize<RuleSettings>(json, JsonSerializerOptions.Web)!;

    public static async Task<RuleView?> FindAsync(NpgsqlConnection connection, string tenantId, string id, bool locked, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"select {Columns} from control.rule r where r.tenant_id = $1 and r.id = $2 {(locked ? "for update" : "")}", tenantId, id);
        return await command.FirstAsync(Read, cancellationToken);
    }
}
