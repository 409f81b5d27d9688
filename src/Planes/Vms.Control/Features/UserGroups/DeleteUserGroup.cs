using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.UserGroups;

/// <summary>DELETE /api/user-groups/{groupId}: its members lose what it had.</summary>
internal static class DeleteUserGroup
{
    public static void Map(RouteGroupBuilder groups) =>
        groups.MapDelete("/{groupId:guid}", Handle).WithName(nameof(DeleteUserGroup)).WithSummary("Delete a group; its members lose what it had.")
            .Needs(Permissions.UsersWrite, Scope.Tenant).ProducesProblem(404).ProducesProblem(409).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid groupId, HttpContext context, NpgsqlDataSource database, RightsState rights, TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Administrators.LockAsync(connection, caller.TenantId, cancellationToken);
        if ((await UserGroupView.ListAsync(connection, caller.TenantId, groupId, cancellationToken)).FirstOrDefault() is not { } group)
            return UserGroupsRoutes.NotFound();
        if (ItemVersion.Check(context, group.Version) is { } otherVersion)
            return otherVersion;
        if (await Auth.Grants.BeyondAsync(connection, caller.Rights, group.Grants, cancellationToken) is { } beyond)
            return beyond;
        await connection.ExecuteAsync("delete from control.people_group where id = $1", [groupId], cancellationToken);
        if (await Administrators.NoneLeftAsync(connection, caller.TenantId, cancellationToken) is { } noneLeft)
            return noneLeft;
        await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "userGroup.deleted", groupId.ToString(), new { group.Name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        return TypedResults.NoContent();
    }
}
