using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.Roles;

/// <summary>GET /api/roles: the built-in ones first, then the tenant's own by name. There are few: one page.</summary>
internal static class ListRoles
{
    public static void Map(RouteGroupBuilder roles) =>
        roles.MapGet("/", Handle).WithName(nameof(ListRoles)).WithSummary("List roles and what each may do; the built-in ones first.").Needs(Permissions.UsersRead, Scope.Tenant);

    private static async Task<Ok<Page<RoleView>>> Handle(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"""
            select {RoleView.Columns}, (select count(distinct coalesce(g.account_id, g.group_id, g.api_key_id))::int
                from control.role_grant g where g.role_id = r.id and g.tenant_id = $1)
            from control.role r where built_in or tenant_id = $1 order by built_in desc, case when built_in then id <> 'admin' end, lower(name)
            """, Caller.Of(context).TenantId);
        return TypedResults.Ok(new Page<RoleView>(await command.RowsAsync(r => RoleView.Read(r) with { Users = r.GetInt32(4) }, cancellationToken), null));
    }
}
