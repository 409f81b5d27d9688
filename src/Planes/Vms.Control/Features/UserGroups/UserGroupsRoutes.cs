using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.UserGroups;

/// <summary>Everything under /api/user-groups: people who have rights together. (/api/groups are groups of cameras.)</summary>
internal static class UserGroupsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var groups = app.MapGroup("/api/user-groups").WithTags("User groups").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListUserGroups.Map(groups);
        AddUserGroup.Map(groups);
        PatchUserGroup.Map(groups);
        DeleteUserGroup.Map(groups);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("groupNotFound", "There is no such group");

    public static ProblemHttpResult NameTaken() =>
        Problems.Of(StatusCodes.Status409Conflict, "nameTaken", "There is a group of this name already");

    /// <summary>Null when all of them are users of the tenant.</summary>
    public static async Task<ProblemHttpResult?> ReplaceMembersAsync(
        NpgsqlConnection connection, string tenantId, Guid groupId, IReadOnlyList<Guid> memberIds, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. memberIds.Distinct()];
        if (ids.Length > MaxMembers)
            return Problems.Fields(new FieldProblem("memberIds", "outOfRange", $"Use at most {MaxMembers}"));
        await using (var unknown = connection.Command(
            "select i from unnest($1::uuid[]) i where not exists (select 1 from control.account where id = i and tenant_id = $2) limit 1", ids, tenantId))
        {
            if (await unknown.ExecuteScalarAsync(cancellationToken) is Guid missing)
                return Problems.Fields(new FieldProblem("memberIds", "userNotFound", $"There is no user {missing}"));
        }

        await connection.ExecuteAsync("delete from control.people_group_member where group_id = $1", [groupId], cancellationToken);
        await connection.ExecuteAsync("insert into control.people_group_member (group_id, account_id) select $1, unnest($2::uuid[])", [groupId, ids], cancellationToken);
        return null;
    }

    private const int MaxMembers = 10_000;
}

/// <param name="Grants">What every member has.</param>
internal sealed record UserGroupView(string Id, string Name, IReadOnlyList<GrantView> Grants, IReadOnlyList<Guid> MemberIds) : IVersioned
{
    /// <summary>Of what can be changed, as the <c>ETag</c> of an answer about this one alone has it.</summary>
    public string Version => ItemVersion.OfContent(Name, Grants, MemberIds);

    /// <summary>All of the tenant by name, or the one.</summary>
    public static async Task<List<UserGroupView>> ListAsync(NpgsqlConnection connection, string tenantId, Guid? only, CancellationToken cancellationToken)
    {
        List<UserGroupView> groups;
        await using (var command = connection.Command("""
            select g.id, g.name, array(select m.account_id from control.people_group_member m where m.group_id = g.id order by m.account_id)
            from control.people_group g where g.tenant_id = $1 and ($2::uuid is null or g.id = $2) order by lower(g.name), g.id
            """, tenantId, only))
        {
            groups = await command.RowsAsync(r => new UserGroupView(r.GetGuid(0).ToString(), r.GetString(1), [], r.GetFieldValue<Guid[]>(2)), cancellationToken);
        }

        var grants = await Auth.Grants.OfAsync(connection, GrantHolder.Group, [.. groups.Select(g => Guid.Parse(g.Id))], cancellationToken);
        return [.. groups.Select(g => g with { Grants = [.. grants[Guid.Parse(g.Id)]] })];
    }
}
