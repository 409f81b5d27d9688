using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Rules;

/// <summary>DELETE /api/rules/{id}: alarms that it raised stay.</summary>
internal static class DeleteRule
{
    public static void Map(RouteGroupBuilder rules) =>
        rules.MapDelete("/{id}", Handle).WithName(nameof(DeleteRule)).WithSummary("Delete a rule; its alarms stay.").Needs(Permissions.RulesWrite, Scope.Tenant)
            .ProducesProblem(404).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, HttpContext context, NpgsqlDataSource database, RuleBook book, TimeProvider time, CancellationToken cancellationToken)
    {
        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await RuleRow.FindAsync(connection, actor.TenantId, id, locked: true, cancellationToken) is not { } rule)
            return RulesRoutes.NotFound();
        if (ItemVersion.Check(context, ItemVersion.Of(rule.UpdatedAt)) is { } otherVersion)
            return otherVersion;
        await connection.ExecuteAsync("delete from control.rule where id = $1", [id], cancellationToken);
        // In the order in which firings are noted: each waits for the other, and not both.
        await connection.ExecuteAsync("delete from control.rule_day where rule_id = $1", [id], cancellationToken);
        await connection.ExecuteAsync("delete from control.rule_fired where rule_id = $1", [id], cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, "rule.deleted", id, new { rule.Name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        book.Changed();
        return TypedResults.NoContent();
    }
}
