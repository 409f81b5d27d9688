using System.Text.Json;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;

namespace Vms.Control.Features.Rules;

/// <summary>The rules that every tenant begins with: whatever keeps pictures from being seen or recorded raises an alarm. Made once; whoever changes or deletes
/// them has the last word.</summary>
internal static class AlertRules
{
    /// <summary>What of these a tenant has got: what a later version adds, those have who began with an earlier one, too.</summary>
    private static readonly (string Seed, (string Name, string[] Types, int Cooldown, string Severity)[] Rules)[] s_batches =
    [
        ("alertRules/",
        [
            ("Camera offline", ["camera.unreachable"], 300, "critical"),
            ("Recording has a gap", ["recording.gap"], 600, "warning"),
            ("Recording stopped or damaged", ["recording.stopped", "recording.damaged", "recording.readBackFailed"], 600, "critical"),
            ("Storage is full, failing or away", ["storage.full", "storage.poolFailed", "storage.poolAway", "storage.keyMissing"], 600, "critical"),
            ("Storage holds less than wanted", ["storage.forecast"], 86_400, "warning"),
            ("Camera's clock is off", ["camera.clock"], 86_400, "warning"),
            ("A part of the system is away or restarted", ["system.planeAway", "system.planeRestarted"], 300, "warning"),
            ("Analysis is overloaded", ["system.aiOverload"], 3600, "warning"),
        ]),
        ("alertRules2/",
        [
            ("Events were lost", ["system.eventsLost"], 600, "critical"),
            ("Analysis of a camera does not work", ["camera.analysisFailed", "system.modelMissing", "system.analysisLeftOut"], 3600, "warning"),
        ]),
    ];

    /// <summary>For every tenant that has not got them, in the transaction that goes on.</summary>
    public static async Task AddMissingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var (seed, rules) in s_batches)
        {
            await using var missing = connection.Command(
                "insert into control.seeded (name, at) select $1 || id, now() from control.tenant on conflict (name) do nothing returning substr(name, length($1) + 1)", seed);
            foreach (var tenant in await missing.RowsAsync(r => r.GetString(0), cancellationToken))
            {
                foreach (var (name, types, cooldown, severity) in rules)
                {
                    var settings = new RuleSettings(null, new RuleCondition(types), cooldown, [new RuleAction("alarm", Severity: severity)]);
                    await connection.ExecuteAsync(
                        "insert into control.rule (id, tenant_id, name, enabled, settings, created_by, created_at, updated_at) values ($1, $2, $3, true, $4::jsonb, '', now(), now())",
                        [CameraId.New(), tenant, name, JsonSerializer.Serialize(settings, JsonSerializerOptions.Web)], cancellationToken);
                }
            }
        }
    }
}
