using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Users;

/// <summary>DELETE /api/users/{userId}: the account with its sign-ins. What it did stays on record under its name.</summary>
internal static class DeleteUser
{
    public static void Map(RouteGroupBuilder users) =>
        users.MapDelete("/{userId:guid}", Handle).WithName(nameof(DeleteUser)).WithSummary("Delete a user; what they did stays on record.")
            .Needs(Permissions.UsersWrite, Scope.Tenant).ProducesProblem(404).ProducesProblem(409).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid userId, HttpContext context, NpgsqlDataSource database, RightsState rights, TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Administrators.LockAsync(connection, caller.TenantId, cancellationToken);
        if (await UserView.FindAsync(connection, caller.TenantId, userId, cancellationToken) is not { } user)
            return UsersRoutes.NotFound();
        if (ItemVersion.Check(context, user.Version) is { } otherVersion)
            return otherVersion;
        if (rights.IsBeyond(caller.Rights, userId))
            return Auth.Grants.Beyond();
        await connection.ExecuteAsync("delete from control.account where id = $1", [userId], cancellationToken);
        if (await Administrators.NoneLeftAsync(connection, caller.TenantId, cancellationToken) is { } noneLeft)
            return noneLeft;
        await AuditLog.AddAsync(
            connection, time.GetUtcNow(), Actor.Of(context), "user.deleted", userId.ToString(), new { username = user.Username }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        return TypedResults.NoContent();
    }
}
