using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.UserGroups;

/// <summary>GET /api/user-groups: by name. There are few: one page.</summary>
internal static class ListUserGroups
{
    public static void Map(RouteGroupBuilder groups) =>
        groups.MapGet("/", Handle).WithName(nameof(ListUserGroups)).WithSummary("List groups of users by name.").Needs(Permissions.UsersRead, Scope.Tenant);

    private static async Task<Ok<Page<UserGroupView>>> Handle(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return TypedResults.Ok(new Page<UserGroupView>(await UserGroupView.ListAsync(connection, Caller.Of(context).TenantId, null, cancellationToken), null));
    }
}
