using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.PlateLists;
using Vms.Hosting;

namespace Vms.Control.Features.Rules;

/// <summary>What a rule names: cameras, lists of plates, users, …</summary>
internal static class RuleNames
{
    private static readonly Named[] s_named =
    [
        new("select id from control.site where tenant_id = $1 and deleted_at is null and id = any($2)", field => new FieldProblem(field, "siteNotFound", "There is no such site"),
            r => r.SiteId is { } site ? [("siteId", site)] : []),
        new("select id from control.camera where tenant_id = $1 and deleted_at is null and id = any($2)", field => new FieldProblem(field, "cameraNotFound", "There is no such camera"),
            r => (r.When.CameraIds ?? []).Select(c => ("when.cameraIds", c)).Concat(ActionsOf(r).Where(a => a.Action.CameraId is not null).Select(a => (a.Field + ".cameraId", a.Action.CameraId!)))),
        new("select id from control.camera_group where tenant_id = $1 and id = any($2)", field => new FieldProblem(field, "groupNotFound", "There is no such group"),
            r => (r.When.GroupIds ?? []).Select(g => ("when.groupIds", g))),
        new("select name from control.plate_list where tenant_id = $1", field => new FieldProblem(field, "plateListNotFound", "There is no such list of plates"),
            r => CompiledRule.PlateListOf(r.When.Plates) is { } list ? [("when.plates", list)] : [], PlateSets.KeyOf),
        new("select id from control.webhook where tenant_id = $1 and id = any($2)", field => new FieldProblem(field, "webhookNotFound", "There is no such webhook"),
            r => ActionsOf(r).Where(a => a.Action is { Type: "webhook", WebhookId: not null }).Select(a => (a.Field + ".webhookId", a.Action.WebhookId!)).Concat(StepsOf(r, "webhook"))),
        new("select username_key from control.account where tenant_id = $1 and username_key = any($2)", field => new FieldProblem(field, "userNotFound", "There is no such user"),
            r => ActionsOf(r).Where(a => a.Action.Type == "push").SelectMany(a => (a.Action.To ?? []).Select(name => (a.Field + ".to", name))).Concat(StepsOf(r, "push")), Accounts.KeyOf),
    ];

    /// <summary>That everything it names is there, and the caller's tenant's: what is told to nobody is found out when it is too late.</summary>
    /// <param name="before">What stood in it already is taken again, so that a rule can be switched off when something of it is gone; null: nothing.</param>
    /// <returns>Null when it is.</returns>
    public static async Task<ProblemHttpResult?> CheckAsync(
        NpgsqlConnection connection, string tenantId, RuleSettings settings, RuleSettings? before, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        foreach (var kind in s_named)
        {
            var known = before is null ? [] : kind.In(before).Select(n => n.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var asked = kind.In(settings).Where(n => !known.Contains(n.Name)).ToList();
            if (asked.Count == 0)
                continue;
            await using var command = connection.Command(kind.Sql, tenantId, asked.Select(n => kind.Key(n.Name)).Distinct().ToArray());
            var there = (await command.RowsAsync(r => kind.Key(r.GetString(0)), cancellationToken)).ToHashSet(StringComparer.Ordinal);
            problems.AddRange(asked.Where(n => !there.Contains(kind.Key(n.Name))).Select(n => n.Field).Distinct().Select(kind.Missing));
        }

        return problems.Count > 0 ? Problems.Fields(problems) : null;
    }

    private static IEnumerable<(string Field, RuleAction Action)> ActionsOf(RuleSettings settings) => settings.Actions.Select((a, i) => ($"actions[{i}]", a));

    private static IEnumerable<(string Field, string Name)> StepsOf(RuleSettings settings, string channel) => ActionsOf(settings)
        .Where(a => a.Action.Type == "alarm")
        .SelectMany(a => (a.Action.Escalation ?? []).Where(s => s.Channel == channel).Select(s => (a.Field + ".escalation", s.Target!)));

    /// <param name="Sql">Those of the names in $2 that there are in the tenant $1, or all of them.</param>
    /// <param name="In">What a rule says of these, and in which field.</param>
    /// <param name="KeyOf">Of two spellings of one name; made here, as the database knows only plain letters.</param>
    private sealed record Named(string Sql, Func<string, FieldProblem> Missing, Func<RuleSettings, IEnumerable<(string Field, string Name)>> In, Func<string, string>? KeyOf = null)
    {
        public string Key(string name) => KeyOf?.Invoke(name) ?? name;
    }
}
