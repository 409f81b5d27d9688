using System.Collections.Frozen;

namespace Vms.Control.Auth;

/// <summary>Somebody who can have a credential: an account or an API key.</summary>
/// <param name="Role">The built-in role that they have for the whole tenant, the one that says most; empty when there is none.</param>
/// <param name="Enabled">Not switched off, and not expired when the snapshot was made.</param>
/// <param name="ExpiresAt">Of an API key; null: never.</param>
internal sealed record Principal(Guid Id, string TenantId, string Name, string Role, bool IsApiKey, bool Enabled, DateTimeOffset? ExpiresAt, Rights Rights);

/// <summary>Who there is and what they may do, as it was at one moment. Immutable; any thread.</summary>
internal sealed class RightsSnapshot
{
    private readonly FrozenDictionary<string, string> _tenantBySite;
    private readonly FrozenDictionary<Guid, Principal> _principals;
    private readonly FrozenDictionary<string, Guid> _keyBySecretHash;

    public RightsSnapshot(
        IEnumerable<(string Id, string TenantId)> sites, IEnumerable<(string Id, CameraPlace Place)> cameras, IEnumerable<PrincipalRow> principals,
        IEnumerable<GrantRow> grants, IReadOnlyDictionary<string, PermissionSet> roles, bool hasOneTenant,
        DateTimeOffset readAt = default)
    {
        ReadAt = readAt;
        _tenantBySite = sites.ToFrozenDictionary(s => s.Id, s => s.TenantId, StringComparer.Ordinal);
        Cameras = cameras.ToFrozenDictionary(c => c.Id, c => c.Place, StringComparer.Ordinal);
        HasOneTenant = hasOneTenant;
        var rows = principals.ToList();
        _keyBySecretHash = rows.Where(p => p.SecretHash is not null).ToFrozenDictionary(p => Convert.ToHexString(p.SecretHash!), p => p.Id, StringComparer.Ordinal);
        var byHolder = grants.ToLookup(g => g.PrincipalId);
        // Who has the same grants shares one object: the live feed decides once for all of them.
        var shared = new Dictionary<string, Rights>(StringComparer.Ordinal);
        _principals = rows.Select(p => ToPrincipal(p, [.. byHolder[p.Id]], roles, shared)).ToFrozenDictionary(p => p.Id);
    }

    /// <summary>Deleted ones, too: their recordings remain.</summary>
    public FrozenDictionary<string, CameraPlace> Cameras { get; }

    public bool HasOneTenant { get; }

    /// <summary>Later than that of every snapshot before, also across restarts and when the clock is set back; whole microseconds.</summary>
    public DateTimeOffset ReadAt { get; }

    public IReadOnlyCollection<Principal> Principals => _principals.Values;

    public Principal? Find(Guid id) => _principals.GetValueOrDefault(id);

    /// <summary>The API key with this text, expired or not.</summary>
    public Principal? FindKey(string key) => _keyBySecretHash.TryGetValue(Convert.ToHexString(ApiKey.HashOf(key)), out var id) ? Find(id) : null;

    public string? TenantOfSite(string siteId) => _tenantBySite.GetValueOrDefault(siteId);

    private Principal ToPrincipal(PrincipalRow row, GrantRow[] grants, IReadOnlyDictionary<string, PermissionSet> roles, Dictionary<string, Rights> shared)
    {
        var key = row.TenantId + ":" + string.Join(
            ' ', grants.Select(g => $"{roles.GetValueOrDefault(g.RoleId).Bits:x}@{g.Scope}/{g.ScopeId}").Distinct().Order(StringComparer.Ordinal));
        if (!shared.TryGetValue(key, out var rights))
            shared.Add(key, rights = RightsOf(key, row.TenantId, grants, roles));
        var role = Role.BuiltIn.FirstOrDefault(r => grants.Any(g => g.RoleId == r && g.Scope == GrantScopes.Tenant)) ?? "";
        return new Principal(row.Id, row.TenantId, row.Name, role, row.SecretHash is not null, row.Enabled, row.ExpiresAt, rights);
    }

    private Rights RightsOf(string key, string tenantId, GrantRow[] grants, IReadOnlyDictionary<string, PermissionSet> roles)
    {
        PermissionSet MayOf(GrantRow grant)
        {
            var may = roles.GetValueOrDefault(grant.RoleId);
            return tenantId == Tenants.First && grant.Scope == GrantScopes.Tenant ? may : may.Except(PermissionSet.OfInstallation);
        }

        FrozenDictionary<string, PermissionSet> On(string scope) => grants.Where(g => g.Scope == scope).GroupBy(g => g.ScopeId!, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.Aggregate(PermissionSet.None, (all, one) => all | MayOf(one)), StringComparer.Ordinal);

        var onTenant = grants.Where(g => g.Scope == GrantScopes.Tenant).Aggregate(PermissionSet.None, (all, one) => all | MayOf(one));
        return new Rights(key, tenantId, onTenant, On(GrantScopes.Site), On(GrantScopes.Group), On(GrantScopes.Camera), this);
    }
}

/// <summary>An account or an API key as it is stored.</summary>
/// <param name="SecretHash">Of an API key.</param>
internal sealed record PrincipalRow(Guid Id, string TenantId, string Name, bool Enabled, byte[]? SecretHash = null, DateTimeOffset? ExpiresAt = null);

/// <summary>A grant, of the principal itself or of a group that it is in.</summary>
internal sealed record GrantRow(Guid PrincipalId, string RoleId, string Scope, string? ScopeId);

/// <summary>What a grant is for, as <c>control.role_grant.scope</c> and the API name it.</summary>
internal static class GrantScopes
{
    public const string Tenant = "tenant";
    public const string Site = "site";
    public const string Group = "group";
    public const string Camera = "camera";
}

internal static class Tenants
{
    /// <summary>Made by a migration; what belongs to the installation belongs to it.</summary>
    public const string First = "default";
}
