using System.Text.Json;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Features;

/// <summary>Sites, camera groups and the tree that they make.</summary>
public sealed class SitesTests : IAsyncLifetime
{
    private ControlWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await ControlWorld.StartAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_site_is_added_renamed_filled_and_deleted()
    {
        var site = await _world.Http.PostAsync("/api/sites", new { name = " Harbour ", limits = new { camerasPerLayout = 9 } }, 201);
        var id = site.Text("id")!;
        Assert.Equal(("Harbour", "9", null), (site.Text("name"), site.Text("limits.camerasPerLayout"), site.Text("limits.sessions")));

        var patched = await _world.Http.PatchAsync($"/api/sites/{id}", """{"name":"Port","limits":{"camerasPerLayout":null,"liveStreamsPerUser":4}}""");
        Assert.Equal(("Port", null, "4"), (patched.Text("name"), patched.Text("limits.camerasPerLayout"), patched.Text("limits.liveStreamsPerUser")));
        var camera = (await _world.AddCameraAsync("Quay", new { siteId = id })).Text("id")!;
        Assert.Equal("1", (await _world.Http.GetJsonAsync($"/api/sites/{id}")).Text("cameras"));

        using (var full = await _world.Http.DeleteAsync($"/api/sites/{id}"))
            await full.ProblemAsync(409, "siteNotEmpty");
        using (var deleted = await _world.Http.DeleteAsync($"/api/cameras/{camera}"))
            Assert.Equal(204, (int)deleted.StatusCode);
        using (var gone = await _world.Http.DeleteAsync($"/api/sites/{id}"))
            Assert.Equal(204, (int)gone.StatusCode);
        await _world.Http.GetJsonAsync($"/api/sites/{id}", 404);
        Assert.Equal(["siteId:siteNotFound"], (await _world.Http.PostAsync("/api/cameras", new { name = "x", mainUrl = "rtsp://h/x", siteId = id }, 400)).FieldCodes());
        Assert.Equal("siteNotFound", (await _world.Http.PatchAsync($"/api/sites/{id}", "{}", 404)).Text("code"));

        // The name is free again, and what was done is noted.
        await _world.Http.PostAsync("/api/sites", new { name = "port" }, 201);
        Assert.Equal(3L, await _world.ScalarAsync($"select count(*) from control.audit where subject = '{id}' and action like 'site.%' and actor = 'admin'"));
    }

    [Fact]
    public async Task A_site_is_refused_with_the_field_that_is_wrong()
    {
        Assert.Equal(["name:required"], (await _world.Http.PostAsync("/api/sites", new { name = " " }, 400)).FieldCodes());
        Assert.Equal(["name:tooLong"], (await _world.Http.PostAsync("/api/sites", new { name = new string('x', 65) }, 400)).FieldCodes());
        Assert.Equal(
            ["limits.camerasPerLayout:outOfRange", "limits.sessions:notOfSite"],
            (await _world.Http.PostAsync("/api/sites", new { name = "x", limits = new { camerasPerLayout = 0, sessions = 5 } }, 400)).FieldCodes());
        Assert.Equal("siteNameTaken", (await _world.Http.PostAsync("/api/sites", new { name = "DEFAULT SITE" }, 409)).Text("code"));
        Assert.Equal("invalidType", (await _world.Http.PatchAsync("/api/sites/default", """{"limits":{"camerasPerLayout":"many"}}""", 400)).Text("fields.0.code"));
        using var stays = await _world.Http.DeleteAsync("/api/sites/default");
        await stays.ProblemAsync(409, "siteIsDefault");
    }

    [Fact]
    public async Task Groups_stand_within_each_other_but_not_in_a_ring()
    {
        var camera = (await _world.AddCameraAsync("Door")).Text("id")!;
        var outer = (await _world.Http.PostAsync("/api/groups", new { name = "Gates" }, 201)).Text("id")!;
        var inner = (await _world.Http.PostAsync("/api/groups", new { name = "East", parentId = outer, cameraIds = new[] { camera } }, 201)).Text("id")!;
        Assert.Equal(inner, (await _world.Http.GetJsonAsync($"/api/cameras/{camera}")).Text("groupIds.0"));

        Assert.Equal(["parentId:ring"], (await _world.Http.PatchAsync($"/api/groups/{outer}", $$"""{"parentId":"{{inner}}"}""", 400)).FieldCodes());
        Assert.Equal(["parentId:ring"], (await _world.Http.PatchAsync($"/api/groups/{outer}", $$"""{"parentId":"{{outer}}"}""", 400)).FieldCodes());
        Assert.Equal(["parentId:groupNotFound"], (await _world.Http.PatchAsync($"/api/groups/{outer}", """{"parentId":"nowhere"}""", 400)).FieldCodes());
        Assert.Equal("groupNameTaken", (await _world.Http.PostAsync("/api/groups", new { name = "east", parentId = outer }, 409)).Text("code"));
        Assert.Equal(["cameraIds:cameraNotFound"], (await _world.Http.PatchAsync($"/api/groups/{outer}", """{"cameraIds":["nobody"]}""", 400)).FieldCodes());

        var deepest = inner;
        for (var depth = 3; depth <= 16; depth++)
            deepest = (await _world.Http.PostAsync("/api/groups", new { name = "level " + depth, parentId = deepest }, 201)).Text("id")!;
        Assert.Equal(["parentId:tooDeep"], (await _world.Http.PostAsync("/api/groups", new { name = "x", parentId = deepest }, 400)).FieldCodes());

        // Deleted: its cameras stay, what stood in it moves up.
        using (var gone = await _world.Http.DeleteAsync($"/api/groups/{inner}"))
            Assert.Equal(204, (int)gone.StatusCode);
        var view = await _world.Http.GetJsonAsync($"/api/cameras/{camera}");
        Assert.Empty(view.GetProperty("groupIds").EnumerateArray());
        var third = (await _world.Http.GetJsonAsync("/api/groups")).GetProperty("items").EnumerateArray().Single(g => g.Text("name") == "level 3");
        Assert.Equal(outer, third.Text("parentId"));
        Assert.Equal(1L, await _world.ScalarAsync($"select count(*) from control.audit where subject = '{inner}' and action = 'group.deleted'"));
    }

    [Fact]
    public async Task A_camera_moves_by_a_patch_and_who_may_see_it_changes_at_once()
    {
        var camera = (await _world.AddCameraAsync("Door")).Text("id")!;
        var group = (await _world.Http.PostAsync("/api/groups", new { name = "Gates" }, 201)).Text("id")!;
        using var guard = _world.As("guard", ("viewer", "group", group));
        using (var unseen = await guard.GetAsync($"/api/cameras/{camera}"))
            await unseen.ProblemAsync(404, "cameraNotFound");

        var moved = await _world.Http.PatchAsync($"/api/cameras/{camera}", $$"""{"groupIds":["{{group}}","{{group}}"]}""");
        Assert.Equal(("2", 1), (moved.Text("generation"), moved.GetProperty("groupIds").GetArrayLength()));
        Assert.Equal("Door", (await guard.GetJsonAsync($"/api/cameras/{camera}")).Text("name"));
        // An untouched list stays, null empties it.
        Assert.Equal(group, (await _world.Http.PatchAsync($"/api/cameras/{camera}", """{"name":"Gate"}""")).Text("groupIds.0"));
        Assert.Equal(["groupIds:groupNotFound"], (await _world.Http.PatchAsync($"/api/cameras/{camera}", """{"groupIds":["nothing"]}""", 400)).FieldCodes());
        await _world.Http.PatchAsync($"/api/cameras/{camera}", """{"groupIds":null}""");
        using (var unseen = await guard.GetAsync($"/api/cameras/{camera}"))
            await unseen.ProblemAsync(404, "cameraNotFound");

        // Somebody who has the camera alone cannot give it to others.
        using var keeper = _world.As("keeper", ("admin", "camera", camera));
        Assert.Equal("forbidden", (await keeper.PatchAsync($"/api/cameras/{camera}", $$"""{"groupIds":["{{group}}"]}""", 403)).Text("code"));
        var added = await _world.AddCameraAsync("Yard", new { groupIds = new[] { group } });
        Assert.Equal(group, added.Text("groupIds.0"));
    }

    [Fact]
    public async Task The_tree_shows_where_everything_stands_and_only_what_one_may_see()
    {
        var harbour = (await _world.Http.PostAsync("/api/sites", new { name = "Harbour" }, 201)).Text("id")!;
        var quay = (await _world.AddCameraAsync("Quay", new { siteId = harbour })).Text("id")!;
        var vault = (await _world.AddCameraAsync("Vault")).Text("id")!;
        var outside = (await _world.Http.PostAsync("/api/groups", new { name = "Outside" }, 201)).Text("id")!;
        await _world.Http.PostAsync("/api/groups", new { name = "Water", parentId = outside, cameraIds = new[] { quay } }, 201);
        await _world.Http.PostAsync("/api/groups", new { name = "Secret", cameraIds = new[] { vault } }, 201);
        await _world.AddTenantAsync("neighbour");

        var tenant = (await _world.Http.GetJsonAsync("/api/tree")).GetProperty("tenant");
        Assert.Equal(("default", "Default tenant"), (tenant.Text("id"), tenant.Text("name")));
        Assert.Equal(["Default site", "Harbour"], Names(tenant.GetProperty("sites")));
        Assert.Equal("Vault", tenant.Text("sites.0.cameras.0.name"));
        Assert.Equal(("offline", "waiting"), (tenant.Text("sites.1.cameras.0.state"), tenant.Text("sites.1.cameras.0.recordingState")));
        Assert.Equal(["Outside", "Secret"], Names(tenant.GetProperty("groups")));
        Assert.Equal(quay, tenant.Text("groups.0.groups.0.cameraIds.0"));

        using var master = _world.As("master", ("viewer", "site", harbour));
        var seen = (await master.GetJsonAsync("/api/tree")).GetProperty("tenant");
        Assert.Equal(["Harbour"], Names(seen.GetProperty("sites")));
        Assert.Equal(["Outside"], Names(seen.GetProperty("groups")));
        Assert.DoesNotContain("Vault", seen.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(2, (await master.GetJsonAsync("/api/groups")).GetProperty("items").GetArrayLength());
        using var hidden = await master.GetAsync("/api/sites/default");
        await hidden.ProblemAsync(404, "siteNotFound");
    }

    [Fact]
    public async Task Nobody_moves_a_camera_to_where_they_may_do_more_with_it()
    {
        var vault = await _world.AddSiteAsync("vault");
        var lobby = await _world.AddSiteAsync("lobby");
        var technician = await _world.AddRoleAsync("technician", ["cameras.read", "cameras.write"]);
        using var person = _world.As("tech", (technician, "site", "vault"), (technician, "site", "lobby"), ("viewer", "site", "lobby"));
        Assert.Equal("beyondOwnRights", (await person.PatchAsync($"/api/cameras/{vault}", """{"siteId":"lobby"}""", 403)).Text("code"));
        Assert.Equal("vault", (await person.PatchAsync($"/api/cameras/{lobby}", """{"siteId":"vault"}""")).Text("siteId"));
    }

    [Fact]
    public async Task Many_cameras_are_changed_at_once_and_each_says_what_came_of_it()
    {
        var group = (await _world.Http.PostAsync("/api/groups", new { name = "Gates" }, 201)).Text("id")!;
        var (door, yard) = ((await _world.AddCameraAsync("Door")).Text("id")!, (await _world.AddCameraAsync("Yard", new { subUrl = "rtsp://10.0.0.7/sub" })).Text("id")!);
        var foreign = await _world.AddTenantAsync("neighbour");
        var answer = await _world.Http.PatchAsync(
            "/api/cameras", $$$$"""{"ids":["{{{{door}}}}","{{{{yard}}}}","{{{{foreign}}}}"],"patch":{"groupIds":["{{{{group}}}}"],"recording":{"stream":"sub"}}}""");
        Assert.Equal(
            [$"{door}: invalidInput", $"{yard}: ", $"{foreign}: cameraNotFound"], answer.GetProperty("results").EnumerateArray().Select(i => $"{i.Text("id")}: {i.Text("code")}"));
        Assert.Equal("recording.stream", answer.Text("results.0.fields.0.field"));
        Assert.Equal("sub", (await _world.Http.GetJsonAsync($"/api/cameras/{yard}")).Text("recording.stream"));
        Assert.Empty((await _world.Http.GetJsonAsync($"/api/cameras/{door}")).GetProperty("groupIds").EnumerateArray());

        Assert.Equal(["ids:required", "patch.name:ofOneCamera"], (await _world.Http.PatchAsync("/api/cameras", """{"ids":[],"patch":{"name":"All"}}""", 400)).FieldCodes());
        Assert.Equal(["ids:tooMany", "patch:required"], (await _world.Http.PatchAsync(
            "/api/cameras", JsonSerializer.Serialize(new { ids = Enumerable.Range(0, 501).Select(i => "c" + i) }), 400)).FieldCodes());
    }

    private static IEnumerable<string?> Names(JsonElement nodes) => nodes.EnumerateArray().Select(n => n.Text("name"));
}
