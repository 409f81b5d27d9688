using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Auth;

/// <summary>A role for everything of the tenant or for a part of it.</summary>
/// <param name="Scope">tenant (when absent), site, group (of cameras) or camera.</param>
/// <param name="ScopeId">Of the site, group or camera; null for the tenant.</param>
internal sealed record GrantRequest(string? RoleId, string? Scope = null, string? ScopeId = null);

internal sealed record GrantView(string RoleId, string Scope, string? ScopeId);

/// <summary>Whose grants: the column of <c>control.role_grant</c>.</summary>
internal sealed record GrantHolder(string Column)
{
    public static GrantHolder Account { get; } = new("account_id");

    public static GrantHolder Group { get; } = new("group_id");

    public static GrantHolder ApiKey { get; } = new("api_key_id");
}

/// <summary>Rows of <c>control.role_grant</c>, within the transaction of what they belong to.</summary>
internal static class Grants
{
    private const int MaxGrants = 100;

    /// <summary>What is wrong with the wish is added to <paramref name="problems"/>; the result counts only where nothing was.</summary>
    public static async Task<IReadOnlyList<GrantView>> CheckAsync(
        NpgsqlConnection connection, string tenantId, IReadOnlyList<GrantRequest>? grants, List<FieldProblem> problems, CancellationToken cancellationToken)
    {
        if (grants?.Count > MaxGrants)
        {
            problems.Add(new FieldProblem("grants", "outOfRange", $"Use at most {MaxGrants}"));
            return [];
        }

        var roles = await RolesAsync(connection, tenantId, cancellationToken);
        var checkedOnes = new List<GrantView>();
        for (var i = 0; i < (grants?.Count ?? 0); i++)
        {
            var grant = grants![i];
            var scope = grant?.Scope ?? GrantScopes.Tenant;
            if (grant?.RoleId is not { } role || !roles.ContainsKey(role))
                problems.Add(new FieldProblem($"grants[{i}].roleId", "roleNotFound", "There is no such role"));
            else if (TableOf(scope) is not { } table)
                problems.Add(new FieldProblem($"grants[{i}].scope", "invalidValue", "Use tenant, site, group or camera"));
            else if (scope == GrantScopes.Tenant ? grant.ScopeId is not null : !await ExistsAsync(connection, table, grant.ScopeId, tenantId, cancellationToken))
                problems.Add(new FieldProblem($"grants[{i}].scopeId", scope == GrantScopes.Tenant ? "invalidValue" : scope + "NotFound", $"There is no such {scope}"));
            else
                checkedOnes.Add(new GrantView(role, scope, grant.ScopeId));
        }

        return [.. checkedOnes.Distinct()];
    }

    /// <summary>Nobody gives, or takes hold of, more than they have: they could give it to themselves.</summary>
    /// <returns>Null when the caller has all that these roles allow.</returns>
    public static async Task<ProblemHttpResult?> BeyondAsync(
        NpgsqlConnection connection, Rights caller, IEnumerable<GrantView> grants, CancellationToken cancellationToken)
    {
        var roles = await RolesAsync(connection, caller.TenantId, cancellationToken);
        return grants.All(g => Covers(caller, roles.GetValueOrDefault(g.RoleId))) ? null : Beyond();
    }

    /// <summary>Whether the caller has these permissions for the whole tenant.</summary>
    public static bool Covers(Rights caller, PermissionSet permissions) =>
        caller.OnTenant.Covers(caller.TenantId == Tenants.First ? permissions : permissions.Except(PermissionSet.OfInstallation));

    public static ProblemHttpResult Beyond() => Problems.Of(
        StatusCodes.Status403Forbidden, "beyondOwnRights", "That is more than you may do yourself", "Ask somebody who may do all of it for the whole tenant.");

    public static async Task ReplaceAsync(
        NpgsqlConnection connection, string tenantId, GrantHolder holder, Guid id, IReadOnlyList<GrantView> grants, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync($"delete from control.role_grant where {holder.Column} = $1", [id], cancellationToken);
        await connection.ExecuteAsync($"""
            insert into control.role_grant (tenant_id, {holder.Column}, role_id, scope, scope_id)
            select $1, $2, r, s, i from unnest($3::text[], $4::text[], $5::text[]) as n (r, s, i)
            """, [tenantId, id, grants.Select(g => g.RoleId).ToArray(), grants.Select(g => g.Scope).ToArray(), grants.Select(g => g.ScopeId).ToArray()],
            cancellationToken);
    }

    /// <summary>By id of the account, group or key.</summary>
    public static async Task<ILookup<Guid, GrantView>> OfAsync(
        NpgsqlConnection connection, GrantHolder holder, Guid[] ids, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            $"select {holder.Column}, role_id, scope, scope_id from control.role_grant where {holder.Column} = any($1) order by role_id, scope, scope_id", (object)ids);
        var rows = await command.RowsAsync(r => (Id: r.GetGuid(0), Grant: new GrantView(r.GetString(1), r.GetString(2), r.StringOrNull(3))), cancellationToken);
        return rows.ToLookup(r => r.Id, r => r.Grant);
    }

    private static async Task<Dictionary<string, PermissionSet>> RolesAsync(NpgsqlConnection connection, string tenantId, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("select id, built_in, permissions from control.role where built_in or tenant_id = $1", tenantId);
        var rows = await command.RowsAsync(
            r => KeyValuePair.Create(r.GetString(0), r.GetBoolean(1) ? Role.PermissionsOf(r.GetString(0)) : PermissionSet.Of(r.GetFieldValue<string[]>(2))),
            cancellationToken);
        return rows.ToDictionary(StringComparer.Ordinal);
    }

    private static string? TableOf(string scope) => scope switch
    {
        GrantScopes.Tenant => "tenant",
        GrantScopes.Site => "site",
        GrantScopes.Group => "camera_group",
        GrantScopes.Camera => "camera",
        _ => null,
    };

    private static async Task<bool> ExistsAsync(
        NpgsqlConnection connection, string table, string? id, string tenantId, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"select exists (select 1 from control.{table} where id = $1 and tenant_id = $2)", id, tenantId);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
