using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.UserGroups;

/// <summary>PATCH /api/user-groups/{groupId}: counts for all members with their next request. Absent keeps.</summary>
internal static class PatchUserGroup
{
    /// <param name="Grants">All of them: those that are not in the list end.</param>
    /// <param name="MemberIds">Likewise.</param>
    public sealed record Request(string? Name, IReadOnlyList<GrantRequest>? Grants, IReadOnlyList<Guid>? MemberIds);

    public static void Map(RouteGroupBuilder groups) =>
        groups.MapPatch("/{groupId:guid}", Handle).WithName(nameof(PatchUserGroup)).WithSummary("Change a group's name, roles or members. Absent keeps.")
            .Needs(Permissions.UsersWrite, Scope.Tenant).Accepts<Request>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<UserGroupView>, ProblemHttpResult>> Handle(
        Guid groupId, Request request, HttpContext context, NpgsqlDataSource database, RightsState rights, TimeProvider time, CancellationToken cancellationToken)
    {
        var (caller, problems) = (Caller.Of(context), new List<FieldProblem>());
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Administrators.LockAsync(connection, caller.TenantId, cancellationToken);
        if ((await UserGroupView.ListAsync(connection, caller.TenantId, groupId, cancellationToken)).FirstOrDefault() is not { } before)
            return UserGroupsRoutes.NotFound();
        if (ItemVersion.Check(context, before.Version) is { } otherVersion)
            return otherVersion;
        var name = request.Name is null ? before.Name : NameRules.Check(request.Name, "name", problems);
        var grants = await Auth.Grants.CheckAsync(connection, caller.TenantId, request.Grants, problems, cancellationToken);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        // What it has counts, too: a member that is added gets it.
        if (await Auth.Grants.BeyondAsync(connection, caller.Rights, grants.Concat(before.Grants), cancellationToken) is { } beyond)
            return beyond;

        try
        {
            await connection.ExecuteAsync("update control.people_group set name = $2 where id = $1", [groupId, name], cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return UserGroupsRoutes.NameTaken();
        }

        if (request.Grants is not null)
            await Auth.Grants.ReplaceAsync(connection, caller.TenantId, GrantHolder.Group, groupId, grants, cancellationToken);
        if (request.MemberIds is not null
            && await UserGroupsRoutes.ReplaceMembersAsync(connection, caller.TenantId, groupId, request.MemberIds, cancellationToken) is { } problem)
            return problem;
        if (await Administrators.NoneLeftAsync(connection, caller.TenantId, cancellationToken) is { } noneLeft)
            return noneLeft;
        await AuditLog.AddAsync(
            connection, time.GetUtcNow(), Actor.Of(context), "userGroup.changed", groupId.ToString(),
            new { name, grants = request.Grants is null ? null : grants, memberIds = request.MemberIds }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        return TypedResults.Ok((await UserGroupView.ListAsync(connection, caller.TenantId, groupId, cancellationToken))[0]);
    }
}
