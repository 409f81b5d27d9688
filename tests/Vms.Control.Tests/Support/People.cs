namespace Vms.Control.Tests.Support;

/// <summary>Rows of tenants, sites, groups and roles as an operator would have them, written straight into the database.</summary>
internal static class People
{
    /// <summary>A role of one's own with these permissions; returns its id.</summary>
    public static async Task<string> AddRoleAsync(this ControlWorld world, string name, IEnumerable<string> permissions)
    {
        await using var command = world.Database.CreateCommand(
            "insert into control.role (id, tenant_id, name, built_in, permissions) values ($1, 'default', $1, false, $2)");
        command.Parameters.AddWithValue(name);
        command.Parameters.AddWithValue(permissions.ToArray());
        await command.ExecuteNonQueryAsync();
        world.RefreshRights();
        return name;
    }

    /// <summary>A tenant with a site and a camera of that site; returns the camera's id.</summary>
    public static async Task<string> AddTenantAsync(this ControlWorld world, string tenant)
    {
        await world.ExecuteAsync($"insert into control.tenant (id, name) values ('{tenant}', '{tenant}')");
        await world.ExecuteAsync($"insert into control.site (id, name, tenant_id) values ('{tenant}-site', 'Site of {tenant}', '{tenant}')");
        world.RefreshRights();
        using var admin = world.Anonymous();
        admin.DefaultRequestHeaders.Authorization = world.BearerOf(tenant, "admin-of-" + tenant, ("admin", "tenant", null));
        return (await admin.PostAsync("/api/cameras", new { name = "Camera of " + tenant, mainUrl = "rtsp://10.0.0.8/main", siteId = tenant + "-site" }, 201)).Text("id")!;
    }

    /// <summary>A further site of the first tenant with a camera; returns the camera's id.</summary>
    public static async Task<string> AddSiteAsync(this ControlWorld world, string site)
    {
        await world.ExecuteAsync($"insert into control.site (id, name) values ('{site}', 'Site {site}')");
        world.RefreshRights();
        return (await world.AddCameraAsync("Camera at " + site, new { siteId = site })).Text("id")!;
    }
}
