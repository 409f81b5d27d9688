using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Users;

/// <summary>Which groups an account is in: it has the rights of all of them.</summary>
internal static class Memberships
{
    private const int MaxGroups = 100;

    /// <returns>Null, or why it cannot be: nothing may be committed then.</returns>
    public static async Task<ProblemHttpResult?> ReplaceAsync(
        NpgsqlConnection connection, Rights caller, Guid accountId, IReadOnlyList<Guid> groupIds, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. groupIds.Distinct()];
        if (ids.Length > MaxGroups)
            return Problems.Fields(new FieldProblem("groupIds", "outOfRange", $"Use at most {MaxGroups}"));
        await using (var unknown = connection.Command(
            "select i from unnest($1::uuid[]) i where not exists (select 1 from control.people_group where id = i and tenant_id = $2) limit 1", ids, caller.TenantId))
        {
            if (await unknown.ExecuteScalarAsync(cancellationToken) is Guid missing)
                return Problems.Fields(new FieldProblem("groupIds", "groupNotFound", $"There is no group {missing}"));
        }

        var given = await Auth.Grants.OfAsync(connection, GrantHolder.Group, ids, cancellationToken);
        if (await Auth.Grants.BeyondAsync(connection, caller, given.SelectMany(g => g), cancellationToken) is { } beyond)
            return beyond;
        await connection.ExecuteAsync("delete from control.people_group_member where account_id = $1", [accountId], cancellationToken);
        await connection.ExecuteAsync(
            "insert into control.people_group_member (group_id, account_id) select unnest($2::uuid[]), $1", [accountId, ids], cancellationToken);
        return null;
    }
}
