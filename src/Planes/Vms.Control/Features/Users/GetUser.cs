using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;

namespace Vms.Control.Features.Users;

/// <summary>GET /api/users/{userId}.</summary>
internal static class GetUser
{
    public static void Map(RouteGroupBuilder users) =>
        users.MapGet("/{userId:guid}", Handle).WithName(nameof(GetUser)).WithSummary("Get a user.").Needs(Permissions.UsersRead, Scope.Tenant).ProducesProblem(404);

    private static async Task<Results<Ok<UserView>, ProblemHttpResult>> Handle(
        Guid userId, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await UserView.FindAsync(connection, Caller.Of(context).TenantId, userId, cancellationToken) is { } view
            ? TypedResults.Ok(view)
            : UsersRoutes.NotFound();
    }
}
