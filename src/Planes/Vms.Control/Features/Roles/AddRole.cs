using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Roles;

/// <summary>POST /api/roles: a role of the tenant's own.</summary>
internal static class AddRole
{
    private const int MaxRoles = 200;

    public sealed record Request(string? Name, IReadOnlyList<string>? Permissions);

    public static void Map(RouteGroupBuilder roles) =>
        roles.MapPost("/", Handle).WithName(nameof(AddRole)).WithSummary("Add a role with a choice of permissions.").Needs(Permissions.RolesWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<RoleView>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, RightsState rights, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var name = NameRules.Check(request.Name, "name", problems);
        problems.AddRange(RolesRoutes.CheckPermissions(request.Permissions));
        if (problems.Count > 0)
            return Problems.Fields(problems);
        var caller = Caller.Of(context);
        var permissions = PermissionSet.Of(request.Permissions ?? []);
        if (!Auth.Grants.Covers(caller.Rights, permissions))
            return Auth.Grants.Beyond();

        var (id, now) = (Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), time.GetUtcNow());
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            var added = await connection.ExecuteAsync($"""
                insert into control.role (id, tenant_id, name, built_in, permissions, created_at, updated_at)
                select $1, $2, $3, false, $4, $5, $5 where (select count(*) from control.role where tenant_id = $2) < {MaxRoles}
                """, [id, caller.TenantId, name, permissions.Names().ToArray(), now], cancellationToken);
            if (added == 0)
                return Problems.Of(StatusCodes.Status409Conflict, "tooManyRoles", "Too many roles", $"There are {MaxRoles} already.");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return RolesRoutes.NameTaken();
        }

        await AuditLog.AddAsync(connection, now, Actor.Of(context), "role.added", id, new { name, permissions = permissions.Names() }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        return TypedResults.Created($"/api/roles/{id}", new RoleView(id, name, false, permissions.Names(), 0));
    }
}
