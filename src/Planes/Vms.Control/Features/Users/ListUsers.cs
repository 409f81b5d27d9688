using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Users;

/// <summary>GET /api/users: by name, page by page.</summary>
internal static class ListUsers
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;

    public static void Map(RouteGroupBuilder users) =>
        users.MapGet("/", Handle).WithName(nameof(ListUsers)).WithSummary("List users by name.").Needs(Permissions.UsersRead, Scope.Tenant).ProducesProblem(400);

    private static async Task<Results<Ok<Page<UserView>>, ProblemHttpResult>> Handle(
        int? limit, string? cursor, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (!Cursor.TryParse(cursor, parts: 1, out var after))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));

        var take = limit ?? DefaultLimit;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = await UserView.ListAsync(
            connection, "a.tenant_id = $1 and ($2::text is null or a.username_key > $2) order by a.username_key limit $3",
            [Caller.Of(context).TenantId, after?[0], take + 1], cancellationToken);
        return TypedResults.Ok(Page.Of(rows, take, row => row, last => Cursor.Of(Accounts.KeyOf(last.Username))));
    }
}
