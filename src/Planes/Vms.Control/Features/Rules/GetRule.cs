using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;

namespace Vms.Control.Features.Rules;

/// <summary>GET /api/rules/{id}.</summary>
internal static class GetRule
{
    public static void Map(RouteGroupBuilder rules) =>
        rules.MapGet("/{id}", Handle).WithName(nameof(GetRule)).WithSummary("One rule.").Needs(Permissions.RulesWrite, Scope.Tenant).ProducesProblem(404);

    private static async Task<Results<Ok<RuleView>, ProblemHttpResult>> Handle(string id, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await RuleRow.FindAsync(connection, Caller.Of(context).TenantId, id, locked: false, cancellationToken) is { } rule ? TypedResults.Ok(rule) : RulesRoutes.NotFound();
    }
}
