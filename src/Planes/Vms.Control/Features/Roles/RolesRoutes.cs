using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Roles;

/// <summary>Everything under /api/roles.</summary>
internal static class RolesRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var roles = app.MapGroup("/api/roles").WithTags("Roles").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListRoles.Map(roles);
        AddRole.Map(roles);
        PatchRole.Map(roles);
        DeleteRole.Map(roles);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("roleNotFound", "There is no such role");

    public static ProblemHttpResult NameTaken() =>
        Problems.Of(StatusCodes.Status409Conflict, "nameTaken", "There is a role of this name already");

    /// <summary>One of the tenant's own, locked; null when there is none. The built-in ones are not to be changed: the problem says so.</summary>
    public static async Task<(RoleView? Role, ProblemHttpResult? Problem)> LockOwnAsync(
        NpgsqlConnection connection, string tenantId, string id, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"select {RoleView.Columns} from control.role where id = $1 and (built_in or tenant_id = $2) for update", id, tenantId);
        var role = await command.FirstAsync(RoleView.Read, cancellationToken);
        return role switch
        {
            null => (null, NotFound()),
            { BuiltIn: true } => (null, Problems.Of(StatusCodes.Status409Conflict, "roleBuiltIn", "A built-in role cannot be changed", "Add a role of your own.")),
            _ => (role, null),
        };
    }

    /// <summary>Each by the name that the API knows it by.</summary>
    public static IEnumerable<FieldProblem> CheckPermissions(IReadOnlyList<string>? permissions) =>
        (permissions ?? []).Select((name, i) => (name, i)).Where(p => !Permissions.All.Contains(p.name))
            .Take(Permissions.All.Count).Select(p => new FieldProblem($"permissions[{p.i}]", "permissionNotFound", "There is no such permission"));
}

/// <param name="BuiltIn">Its permissions come with the program, and cannot be changed.</param>
/// <param name="Users">So many users, groups and API keys have it.</param>
internal sealed record RoleView(string Id, string Name, bool BuiltIn, IReadOnlyList<string> Permissions, int Users) : IVersioned
{
    public const string Columns = "id, name, built_in, permissions";

    /// <summary>Of what can be changed, as the <c>ETag</c> of an answer about this one alone has it.</summary>
    public string Version => ItemVersion.OfContent(Name, Permissions);

    public static RoleView Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetBoolean(2),
        row.GetBoolean(2) ? Role.PermissionsOf(row.GetString(0)).Names() : PermissionSet.Of(row.GetFieldValue<string[]>(3)).Names(), 0);
}
