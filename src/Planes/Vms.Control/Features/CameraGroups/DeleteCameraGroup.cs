using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Tree;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.CameraGroups;

/// <summary>DELETE /api/groups/{id}: its cameras stay, groups within it move to where it was, roles that somebody had for it go.</summary>
internal static class DeleteCameraGroup
{
    public static void Map(RouteGroupBuilder groups) =>
        groups.MapDelete("/{id}", Handle).WithName(nameof(DeleteCameraGroup)).WithSummary("Delete a camera group; its cameras stay.").Needs(Permissions.GroupsWrite, Scope.Tenant)
            .ProducesProblem(404).ProducesProblem(409).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, HttpContext context, NpgsqlDataSource database, RightsState rights, DesiredState desired, TreeFeed tree, TimeProvider time, CancellationToken cancellationToken)
    {
        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var groups = await CameraGroupRules.LockAsync(connection, actor.TenantId, cancellationToken);
        if (!groups.TryGetValue(id, out var parentId))
            return CameraGroupRules.NotFound();
        if (await CameraGroupView.CheckVersionAsync(connection, context, Caller.Of(context).Rights, id, cancellationToken) is { } otherVersion)
            return otherVersion;
        await CameraGroupRules.SetCamerasAsync(connection, actor.TenantId, id, [], now, cancellationToken);
        try
        {
            await connection.ExecuteAsync("update control.camera_group set parent_id = $2 where parent_id = $1", [id, parentId], cancellationToken);
        }
        catch (PostgresException e) when (CameraGroupRules.IsNameTaken(e))
        {
            return Problems.Of(StatusCodes.Status409Conflict, "groupNameTaken", "A group within it has the name of one beside it", "Rename or move that one first.");
        }

        await using var delete = connection.Command("delete from control.camera_group where id = $1 returning name", id);
        var name = (string?)await delete.ExecuteScalarAsync(cancellationToken);
        await connection.ExecuteAsync("delete from control.role_grant where scope = 'group' and scope_id = $1", [id], cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, "group.deleted", id, new { name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        desired.Changed();
        tree.Changed(actor.TenantId);
        return TypedResults.NoContent();
    }
}
