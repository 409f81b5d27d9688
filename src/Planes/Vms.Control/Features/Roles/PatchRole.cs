using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Roles;

/// <summary>PATCH /api/roles/{roleId}: counts for everybody who has the role with their next request. Absent keeps.</summary>
internal static class PatchRole
{
    /// <param name="Permissions">All of them.</param>
    public sealed record Request(string? Name, IReadOnlyList<string>? Permissions);

    public static void Map(RouteGroupBuilder roles) =>
        roles.MapPatch("/{roleId}", Handle).WithName(nameof(PatchRole)).WithSummary("Change a role's name or permissions. Absent keeps.").Needs(Permissions.RolesWrite, Scope.Tenant)
            .Accepts<Request>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<RoleView>, ProblemHttpResult>> Handle(
        string roleId, Request request, HttpContext context, NpgsqlDataSource database, RightsState rights, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var name = request.Name is null ? null : NameRules.Check(request.Name, "name", problems);
        problems.AddRange(RolesRoutes.CheckPermissions(request.Permissions));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var caller = Caller.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (role, problem) = await RolesRoutes.LockOwnAsync(connection, caller.TenantId, roleId, cancellationToken);
        if (role is null)
            return problem!;
        if (ItemVersion.Check(context, role.Version) is { } otherVersion)
            return otherVersion;
        var permissions = PermissionSet.Of(request.Permissions ?? role.Permissions);
        if (!Auth.Grants.Covers(caller.Rights, permissions | PermissionSet.Of(role.Permissions)))
            return Auth.Grants.Beyond();
        var changed = role with { Name = name ?? role.Name, Permissions = permissions.Names() };
        try
        {
            await connection.ExecuteAsync(
                "update control.role set name = $2, permissions = $3, updated_at = $4 where id = $1",
                [roleId, changed.Name, changed.Permissions.ToArray(), time.GetUtcNow()], cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return RolesRoutes.NameTaken();
        }

        await AuditLog.AddAsync(
            connection, time.GetUtcNow(), Actor.Of(context), "role.changed", roleId, new { changed.Name, before = role.Permissions, changed.Permissions }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        return TypedResults.Ok(changed);
    }
}
