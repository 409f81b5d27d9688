using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Auth;

/// <summary>A tenant always has somebody who can let others in: an account that is not switched off, with the built-in role for the whole tenant.</summary>
internal static class Administrators
{
    /// <summary>First in a transaction that changes accounts, grants or members: one such change comes after the other.</summary>
    public static async Task LockAsync(NpgsqlConnection connection, string tenantId, CancellationToken cancellationToken) =>
        await connection.ExecuteAsync("select 1 from control.tenant where id = $1 for update", [tenantId], cancellationToken);

    /// <summary>Last in it.</summary>
    /// <returns>Null, or why nothing may be committed.</returns>
    public static async Task<ProblemHttpResult?> NoneLeftAsync(NpgsqlConnection connection, string tenantId, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"""
            select exists (
                select 1 from control.account a join control.role_grant g on g.account_id = a.id
                    or g.group_id in (select m.group_id from control.people_group_member m where m.account_id = a.id)
                where a.tenant_id = $1 and a.enabled and g.role_id = '{Role.Admin}' and g.scope = '{GrantScopes.Tenant}')
                or exists (
                select 1 from control.account a join control.external_identity e on e.account_id = a.id
                where a.tenant_id = $1 and a.enabled and '{Role.Admin}' = any(e.roles))
            """, tenantId);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!
            ? null
            : Problems.Of(StatusCodes.Status409Conflict, "lastAdministrator", "Nobody would be left who may administer", "Make somebody else an administrator first.");
    }
}
