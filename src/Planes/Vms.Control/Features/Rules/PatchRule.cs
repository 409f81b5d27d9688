using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Rules;

/// <summary>PATCH /api/rules/{id}: JSON merge patch (RFC 7396). Lists are replaced as a whole.</summary>
internal static class PatchRule
{
    public static void Map(RouteGroupBuilder rules) =>
        rules.MapPatch("/{id}", Handle).WithName(nameof(PatchRule)).WithSummary("Change a rule (JSON merge patch).").Needs(Permissions.RulesWrite, Scope.Tenant)
            .Accepts<RuleRequest>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<RuleView>, ProblemHttpResult>> Handle(
        string id, JsonElement patch, HttpContext context, NpgsqlDataSource database, RuleBook book, TimeProvider time, CancellationToken cancellationToken)
    {
        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await RuleRow.FindAsync(connection, actor.TenantId, id, locked: true, cancellationToken) is not { } before)
            return RulesRoutes.NotFound();
        if (ItemVersion.Check(context, ItemVersion.Of(before.UpdatedAt)) is { } otherVersion)
            return otherVersion;

        RuleRequest request;
        try
        {
            request = MergePatch.Of(new RuleRequest(before.Name, before.Enabled, before.SiteId, before.When, before.CooldownSeconds, before.Actions), patch);
        }
        catch (JsonException e)
        {
            return JsonFailure.ToProblem(e);
        }

        var problems = new List<FieldProblem>();
        var settings = RuleChecks.Check(request, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        if (await RuleNames.CheckAsync(connection, actor.TenantId, settings, new RuleSettings(before.SiteId, before.When, before.CooldownSeconds, before.Actions), cancellationToken) is { } unknown)
            return unknown;
        var (name, enabled) = (request.Name!.Trim(), request.Enabled ?? true);
        await connection.ExecuteAsync(
            "update control.rule set name = $2, enabled = $3, settings = $4::jsonb, updated_at = $5 where id = $1",
            [id, name, enabled, JsonSerializer.Serialize(settings, JsonSerializerOptions.Web), now], cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, "rule.changed", id, new { name, enabled, settings.When, settings.Actions }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        book.Changed();
        return TypedResults.Ok((await RuleRow.FindAsync(connection, actor.TenantId, id, locked: false, cancellationToken))!);
    }
}
