using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.Rules;

/// <summary>GET /api/rules: by name. All at once: there are at most <see cref="RuleChecks.MaxRules"/>.</summary>
internal static class ListRules
{
    public static void Map(RouteGroupBuilder rules) =>
        rules.MapGet("/", Handle).WithName(nameof(ListRules)).WithSummary("List rules.").Needs(Permissions.RulesWrite, Scope.Tenant);

    private static async Task<Ok<Page<RuleView>>> Handle(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"select {RuleRow.Columns} from control.rule r where r.tenant_id = $1 order by lower(r.name), r.id", Caller.Of(context).TenantId);
        return TypedResults.Ok(new Page<RuleView>(await command.RowsAsync(RuleRow.Read, cancellationToken), null));
    }
}
