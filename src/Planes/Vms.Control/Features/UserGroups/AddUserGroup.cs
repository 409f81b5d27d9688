using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.UserGroups;

/// <summary>POST /api/user-groups.</summary>
internal static class AddUserGroup
{
    private const int MaxGroups = 1000;

    public sealed record Request(string? Name, IReadOnlyList<GrantRequest>? Grants, IReadOnlyList<Guid>? MemberIds);

    public static void Map(RouteGroupBuilder groups) =>
        groups.MapPost("/", Handle).WithName(nameof(AddUserGroup)).WithSummary("Add a group of users that have roles together.").Needs(Permissions.UsersWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<UserGroupView>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, RightsState rights, TimeProvider time, CancellationToken cancellationToken)
    {
        var (caller, problems) = (Caller.Of(context), new List<FieldProblem>());
        var name = NameRules.Check(request.Name, "name", problems);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var grants = await Auth.Grants.CheckAsync(connection, caller.TenantId, request.Grants, problems, cancellationToken);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        if (await Auth.Grants.BeyondAsync(connection, caller.Rights, grants, cancellationToken) is { } beyond)
            return beyond;

        var (id, now) = (Guid.CreateVersion7(time.GetUtcNow()), time.GetUtcNow());
        try
        {
            var added = await connection.ExecuteAsync($"""
                insert into control.people_group (id, tenant_id, name, created_at)
                select $1, $2, $3, $4 where (select count(*) from control.people_group where tenant_id = $2) < {MaxGroups}
                """, [id, caller.TenantId, name, now], cancellationToken);
            if (added == 0)
                return Problems.Of(StatusCodes.Status409Conflict, "tooManyGroups", "Too many groups", $"There are {MaxGroups} already.");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return UserGroupsRoutes.NameTaken();
        }

        await Auth.Grants.ReplaceAsync(connection, caller.TenantId, GrantHolder.Group, id, grants, cancellationToken);
        if (await UserGroupsRoutes.ReplaceMembersAsync(connection, caller.TenantId, id, request.MemberIds ?? [], cancellationToken) is { } problem)
            return problem;
        await AuditLog.AddAsync(
            connection, now, Actor.Of(context), "userGroup.added", id.ToString(), new { name, grants, memberIds = request.MemberIds ?? [] }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        return TypedResults.Created($"/api/user-groups/{id}", (await UserGroupView.ListAsync(connection, caller.TenantId, id, cancellationToken))[0]);
    }
}
