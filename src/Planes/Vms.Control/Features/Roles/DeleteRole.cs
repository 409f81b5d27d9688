using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Roles;

/// <summary>DELETE /api/roles/{roleId}: as long as nobody has it.</summary>
internal static class DeleteRole
{
    public static void Map(RouteGroupBuilder roles) =>
        roles.MapDelete("/{roleId}", Handle).WithName(nameof(DeleteRole)).WithSummary("Delete a role that nobody has.").Needs(Permissions.RolesWrite, Scope.Tenant)
            .ProducesProblem(404).ProducesProblem(409).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string roleId, HttpContext context, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (role, problem) = await RolesRoutes.LockOwnAsync(connection, Caller.Of(context).TenantId, roleId, cancellationToken);
        if (role is null)
            return problem!;
        if (ItemVersion.Check(context, role.Version) is { } otherVersion)
            return otherVersion;
        try
        {
            await connection.ExecuteAsync("delete from control.role where id = $1", [roleId], cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "roleInUse", "Somebody has this role", "Take it from all users, groups and API keys first.");
        }

        await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "role.deleted", roleId, new { role.Name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
