using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Events;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Features;

public sealed class TenantsTests : IAsyncLifetime
{
    private const string Password = "ten characters at least";

    private ControlWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await ControlWorld.StartAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_tenant_is_made_with_its_administrator_who_is_alone_in_it()
    {
        var made = await _world.Http.PostAsync(
            "/api/tenants", new { id = "north", name = "North", limits = new { sessions = 20 }, administrator = new { username = "nora", password = Password } }, 201);
        Assert.Equal(("north", "1", "0", "1", "20"), (made.Text("id"), made.Text("sites"), made.Text("cameras"), made.Text("accounts"), made.Text("limits.sessions")));
        var nora = await SignedInAsync("nora");
        var site = (await nora.GetJsonAsync("/api/sites")).GetProperty("items").EnumerateArray().Single().Text("id")!;
        Assert.StartsWith("north-", site, StringComparison.Ordinal);
        var camera = (await nora.PostAsync("/api/cameras", new { name = "Mast", mainUrl = "rtsp://10.0.0.9/main", siteId = site }, 201)).Text("id")!;
        Assert.Equal("Mast", (await nora.GetJsonAsync("/api/tree")).Text("tenant.sites.0.cameras.0.name"));

        // Whoever made it sees how much there is, not what.
        Assert.Equal("1", (await _world.Http.GetJsonAsync("/api/tenants/north")).Text("cameras"));
        using (var hidden = await _world.Http.GetAsync($"/api/cameras/{camera}"))
            await hidden.ProblemAsync(404, "cameraNotFound");
        // It administers itself, not the installation.
        using (var above = await nora.GetAsync("/api/tenants"))
            await above.ProblemAsync(403, "forbidden");

        using (var full = await _world.Http.DeleteAsync("/api/tenants/north"))
            await full.ProblemAsync(409, "tenantNotEmpty");
        using (var deleted = await nora.DeleteAsync($"/api/cameras/{camera}"))
            Assert.Equal(204, (int)deleted.StatusCode);
        using (var gone = await _world.Http.DeleteAsync("/api/tenants/north"))
            Assert.Equal(204, (int)gone.StatusCode);
        using (var after = await nora.GetAsync("/api/sites"))
            await after.ProblemAsync(401, "tokenExpired");
        await _world.Http.GetJsonAsync("/api/tenants/north", 404);
        Assert.Equal(["default"], (await _world.Http.GetJsonAsync("/api/tenants")).GetProperty("items").EnumerateArray().Select(t => t.Text("id")));
        // Its id is in file names and events: nobody else gets it.
        Assert.Equal("tenantIdTaken", (await _world.Http.PostAsync("/api/tenants", new { id = "north", name = "North" }, 409)).Text("code"));
    }

    [Fact]
    public async Task A_tenant_that_is_made_later_begins_with_the_rules_about_its_health_and_they_count_at_once()
    {
        await HappenAsync("before", "default");        // the rules of those that were there are read
        await _world.Http.PostAsync("/api/tenants", new { id = "north", name = "North", administrator = new { username = "nora", password = Password } }, 201);
        var nora = await SignedInAsync("nora");
        Assert.Equal(
            (await _world.Http.GetJsonAsync("/api/rules")).GetProperty("items").EnumerateArray().Select(r => r.Text("name")).Order(),
            (await nora.GetJsonAsync("/api/rules")).GetProperty("items").EnumerateArray().Select(r => r.Text("name")).Order());
        await HappenAsync("behind", (await nora.GetJsonAsync("/api/sites")).Text("items.0.id")!);
        Assert.Equal("A part of the system is away or restarted", (await nora.GetJsonAsync("/api/alarms")).Text("items.0.title"));

        Task HappenAsync(string id, string site) => _world.Services.GetRequiredService<EventStore>().AddAsync(
            [new BusEvent(id, "system.planeAway", null, site, DateTimeOffset.UtcNow, null, "test", "{}")], default);
    }

    [Fact]
    public async Task A_tenant_is_refused_with_the_field_that_is_wrong()
    {
        Assert.Equal(
            ["id:invalidValue", "name:required", "limits.sessions:outOfRange", "administrator.username:required", "administrator.password:tooShort"],
            (await _world.Http.PostAsync("/api/tenants", new { id = "-x", limits = new { sessions = 0 }, administrator = new { password = "short" } }, 400)).FieldCodes());
        Assert.Equal("tenantNameTaken", (await _world.Http.PostAsync("/api/tenants", new { id = "second", name = "default TENANT" }, 409)).Text("code"));
        Assert.Equal("usernameTaken", (await _world.Http.PostAsync(
            "/api/tenants", new { id = "second", name = "Second", administrator = new { username = "Admin", password = Password } }, 409)).Text("code"));
        await _world.Http.GetJsonAsync("/api/tenants/second", 404);
        using var stays = await _world.Http.DeleteAsync("/api/tenants/default");
        await stays.ProblemAsync(409, "tenantIsDefault");
    }

    private async Task<HttpClient> SignedInAsync(string username)
    {
        var client = _world.Anonymous();
        client.DefaultRequestHeaders.Authorization = new("Bearer", (await _world.LoginAsync(username, Password)).AccessToken);
        return client;
    }
}
