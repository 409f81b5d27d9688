using System.Net.Http.Headers;
using System.Net.Http.Json;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features;

public sealed class ApiKeysTests
{
    [Fact]
    public async Task A_key_does_what_its_roles_allow_until_it_is_deleted()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url });
        var (door, vault) = ((await world.AddCameraAsync("Door")).Text("id")!, (await world.AddCameraAsync("Vault")).Text("id")!);
        var added = await world.Http.PostAsync(
            "/api/api-keys", new { name = "Door contact", grants = new[] { new { roleId = "sensor", scope = "camera", scopeId = door } } }, 201);
        var key = added.Text("key")!;
        Assert.StartsWith("vms_", key, StringComparison.Ordinal);
        Assert.Equal(("Door contact", key[..12], "admin"), (added.Text("apiKey.name"), added.Text("apiKey.prefix"), added.Text("apiKey.createdBy")));
        Assert.Null((await world.Http.GetJsonAsync("/api/api-keys")).Text("items.0.lastUsedAt"));

        using var program = With(world, key);
        await Eventually.TrueAsync(async () =>
        {
            using var reported = await program.PostAsJsonAsync("/api/events", new { type = "door.opened", cameraId = door });
            return (int)reported.StatusCode == 202;      // the bus connects by itself
        });
        Assert.Equal(["cameraId:cameraNotFound"], (await program.PostAsync("/api/events", new { type = "door.opened", cameraId = vault }, 400)).FieldCodes());
        using (var refused = await program.GetAsync("/api/cameras"))
            await refused.ProblemAsync(403, "forbidden");
        Assert.Equal("apiKey:Door contact", (await world.Http.GetJsonAsync("/api/audit?action=event.reported")).Text("items.0.actor"));
        Assert.Equal("Door contact", (await program.GetJsonAsync("/api/auth/me")).Text("username"));
        // It is no person: there is no password of its own, and nothing to sign out of.
        using (var logout = await program.PostAsync("/api/auth/logout", null))
            await logout.ProblemAsync(403, "forbidden");
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/api-keys")).Text("items.0.lastUsedAt") is not null);

        foreach (var wrong in new[] { key[..^1] + (key[^1] == 'A' ? 'B' : 'A'), "vms_", "vms_" + new string('A', 5000), key.ToUpperInvariant() })
        {
            using var nobody = With(world, wrong);
            using var answer = await nobody.GetAsync("/api/auth/me");
            await answer.ProblemAsync(401, "unauthenticated");
        }

        // Only its hash is stored, and only its beginning is shown.
        Assert.DoesNotContain(key, (await world.Http.GetJsonAsync("/api/api-keys")).GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(key, (await world.Http.GetJsonAsync("/api/audit")).GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(key, world.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(key, (string)(await world.ScalarAsync("select row_to_json(k)::text from control.api_key k"))!, StringComparison.Ordinal);

        (await world.Http.DeleteAsync("/api/api-keys/" + added.Text("apiKey.id"))).Dispose();
        using var gone = await program.GetAsync("/api/auth/me");
        await gone.ProblemAsync(401, "unauthenticated");
    }

    [Fact]
    public async Task A_key_expires()
    {
        await using var world = await ControlWorld.StartAsync();
        var added = await world.Http.PostAsync(
            "/api/api-keys", new { name = "Guest", expiresAt = DateTimeOffset.UtcNow.AddHours(1), grants = new[] { new { roleId = "viewer" } } }, 201);
        using var program = With(world, added.Text("key")!);
        await program.GetJsonAsync("/api/cameras");
        await world.ExecuteAsync("update control.api_key set expires_at = now() - interval '1 second'");
        world.RefreshRights();
        using var expired = await program.GetAsync("/api/cameras");
        await expired.ProblemAsync(401, "tokenExpired");
    }

    [Fact]
    public async Task Each_wrong_field_of_a_key_is_named_and_none_has_more_than_its_maker()
    {
        await using var world = await ControlWorld.StartAsync();
        Assert.Equal(["name:required", "expiresAt:outOfRange", "grants:required"], (await world.Http.PostAsync("/api/api-keys", new { expiresAt = DateTimeOffset.UnixEpoch }, 400)).FieldCodes());
        Assert.Equal(["grants[0].roleId:roleNotFound"], (await world.Http.PostAsync("/api/api-keys", new { name = "x", grants = new[] { new { roleId = "king" } } }, 400)).FieldCodes());
        await world.Http.PostAsync("/api/api-keys", new { name = "Twice", grants = new[] { new { roleId = "viewer" } } }, 201);
        Assert.Equal("nameTaken", (await world.Http.PostAsync("/api/api-keys", new { name = "twice", grants = new[] { new { roleId = "viewer" } } }, 409)).Text("code"));
        var role = await world.AddRoleAsync("key-maker", ["apikeys.write"]);
        using var maker = world.As("maker", (role, "tenant", null));
        Assert.Equal("beyondOwnRights", (await maker.PostAsync("/api/api-keys", new { name = "x", grants = new[] { new { roleId = "viewer" } } }, 403)).Text("code"));
    }

    private static HttpClient With(ControlWorld world, string key)
    {
        var client = world.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }
}
