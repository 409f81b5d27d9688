using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Vms.Control.Auth;

/// <summary>Where a camera stands: what a grant can name to reach it.</summary>
/// <param name="GroupIds">Its groups and those that these are in.</param>
internal sealed record CameraPlace(string TenantId, string SiteId, string[] GroupIds);

/// <summary>
/// What accounts with the same grants may do. Immutable, of one <see cref="RightsSnapshot"/>; any thread. A decision asks no database and
/// allocates nothing.
/// </summary>
/// <param name="key">The grants in words: the same for the same rights, also from one snapshot to the next.</param>
internal sealed class Rights(
    string key, string tenantId, PermissionSet onTenant, FrozenDictionary<string, PermissionSet> onSites, FrozenDictionary<string, PermissionSet> onGroups,
    FrozenDictionary<string, PermissionSet> onCameras, RightsSnapshot snapshot)
{
    private readonly ConcurrentDictionary<string, string[]> _camerasOf = new(StringComparer.Ordinal);

    private readonly PermissionSet _anywhere = onSites.Values.Concat(onGroups.Values).Concat(onCameras.Values).Aggregate(onTenant, (all, some) => all | some);

    public string Key => key;

    public string TenantId => tenantId;

    /// <summary>When they were read: what is issued by them says so.</summary>
    public DateTimeOffset AsOf => snapshot.ReadAt;

    /// <summary>What holds for everything of the tenant.</summary>
    public PermissionSet OnTenant => onTenant;

    /// <summary>What holds for something at least.</summary>
    public PermissionSet Anywhere => _anywhere;

    /// <summary>For something at least: which cameras is another question.</summary>
    public bool AllowsAnywhere(string permission) => _anywhere.Has(permission);

    /// <summary>For everything of the tenant.</summary>
    public bool AllowsTenant(string permission) => onTenant.Has(permission);

    public bool AllowsSite(string permission, string siteId) =>
        snapshot.TenantOfSite(siteId) == tenantId && (onTenant.Has(permission) || onSites.GetValueOrDefault(siteId).Has(permission));

    public bool Allows(string permission, string cameraId) => On(cameraId).Has(permission);

    /// <summary>Whether the camera is there for them at all; otherwise it is as one that never was.</summary>
    public bool Knows(string cameraId) => !On(cameraId).IsEmpty;

    /// <summary>Whether the camera, moved to the site, would let them do more with it than now: they would have given it to themselves.</summary>
    public bool GainsBySite(string cameraId, string siteId)
    {
        var now = On(cameraId);
        return !now.Covers((now | onSites.GetValueOrDefault(siteId)).Except(PermissionSet.OfInstallation));
    }

    /// <summary>What a query may show: rows of the tenant, and of these cameras where the right does not hold for all of them.</summary>
    public CameraFilter Filter(string permission) => new(tenantId, onTenant.Has(permission) ? null : CamerasOf(permission), SitesOf(permission));

    /// <summary>For what leaves control and cannot ask again (a ticket, an answer to the media plane): null opens every camera of the installation,
    /// and is right only where no other tenant has any.</summary>
    public string[]? CamerasOrAll(string permission) => onTenant.Has(permission) && snapshot.HasOneTenant ? null : CamerasOf(permission);

    /// <summary>The first that the permission does not hold for; null when it holds for all.</summary>
    public string? FirstForeign(string permission, IEnumerable<string> cameraIds) => cameraIds.FirstOrDefault(id => !Allows(permission, id));

    /// <summary>Whether something that happened there is theirs to see. Cameras and sites that nobody knows any more are the first tenant's.</summary>
    public bool Sees(string permission, string? cameraId, string? siteId)
    {
        if (cameraId is not null && snapshot.Cameras.ContainsKey(cameraId))
            return Allows(permission, cameraId);
        if (onTenant.Has(permission))
            return (siteId is null ? Tenants.First : snapshot.TenantOfSite(siteId) ?? Tenants.First) == tenantId;
        return cameraId is null && siteId is not null && AllowsSite(permission, siteId);
    }

    /// <summary>What holds for what, the widest first.</summary>
    public IReadOnlyList<ScopeView> Scopes()
    {
        static IEnumerable<ScopeView> On(string scope, FrozenDictionary<string, PermissionSet> some) =>
            some.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => new ScopeView(scope, s.Key, s.Value.Names()));

        return
        [
            .. onTenant.IsEmpty ? Array.Empty<ScopeView>() : [new ScopeView(GrantScopes.Tenant, null, onTenant.Names())],
            .. On(GrantScopes.Site, onSites), .. On(GrantScopes.Group, onGroups), .. On(GrantScopes.Camera, onCameras),
        ];
    }

    /// <summary>The cameras whose state they see, in order of their ids.</summary>
    public IReadOnlyList<string> Cameras => CamerasOf(Permissions.CamerasRead);

    private string[] CamerasOf(string permission) =>
        _camerasOf.GetOrAdd(permission, p => [.. snapshot.Cameras.Keys.Where(id => Allows(p, id)).Order(StringComparer.Ordinal)]);

    private string[] SitesOf(string permission) => [.. onSites.Where(s => s.Value.Has(permission)).Select(s => s.Key)];

    /// <summary>What holds for one camera, however it is reached.</summary>
    public PermissionSet On(string cameraId)
    {
        if (!snapshot.Cameras.TryGetValue(cameraId, out var place) || place.TenantId != tenantId)
            return PermissionSet.None;
        var may = onTenant | onSites.GetValueOrDefault(place.SiteId) | onCameras.GetValueOrDefault(cameraId);
        foreach (var group in place.GroupIds)
            may |= onGroups.GetValueOrDefault(group);
        // About the installation: no camera is seen for it.
        return may.Except(PermissionSet.OfInstallation);
    }
}

/// <param name="Scope">tenant, site, group (of cameras) or camera.</param>
/// <param name="ScopeId">Null for the tenant.</param>
internal sealed record ScopeView(string Scope, string? ScopeId, IReadOnlyList<string> Permissions);

/// <summary>Parameters of a query about cameras.</summary>
/// <param name="CameraIds">Null: every camera of the tenant.</param>
/// <param name="SiteIds">Whose own rows (of no camera) are shown besides; counts where <paramref name="CameraIds"/> is given.</param>
internal sealed record CameraFilter(string TenantId, string[]? CameraIds, string[] SiteIds);
