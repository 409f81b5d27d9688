using System.Globalization;
using System.Text.Json;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Features;

/// <summary>Layouts, and the limits of a tenant and its sites.</summary>
public sealed class LayoutsTests : IAsyncLifetime
{
    private readonly ShiftedTime _time = new();
    private ControlWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await ControlWorld.StartAsync(new WorldSettings { Time = _time });

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_custom_grid_has_cells_that_span()
    {
        var (door, yard) = ((await _world.AddCameraAsync("Door")).Text("id")!, (await _world.AddCameraAsync("Yard")).Text("id")!);
        var layout = await _world.Http.PostAsync("/api/layouts", new
        {
            name = " Gate ",
            grid = "custom",
            columns = 3,
            rows = 2,
            order = 5,
            cells = new object[] { new { x = 0, y = 0, width = 2, height = 2, cameraId = door, stream = "main" }, new { x = 2, y = 1, cameraId = yard } },
        }, 201);
        Assert.Equal(("Gate", "3", "2", "False", "admin", "True"), (layout.Text("name"), layout.Text("columns"), layout.Text("rows"), layout.Text("shared"), layout.Text("owner"), layout.Text("editable")));
        Assert.Equal(("1", "auto"), (layout.Text("cells.1.width"), layout.Text("cells.1.stream")));

        // Another grid brings its own size.
        var patched = await _world.Http.PatchAsync($"/api/layouts/{layout.Text("id")}", $$"""{"grid":"9","cells":[{"x":2,"y":2,"cameraId":"{{yard}}","stream":"sub"}]}""");
        Assert.Equal(("3", "3", "2"), (patched.Text("columns"), patched.Text("rows"), patched.Text("generation")));
        Assert.Equal("generationConflict", (await _world.Http.PatchAsync($"/api/layouts/{layout.Text("id")}", """{"generation":1}""", 409)).Text("code"));

        using (var deleted = await _world.Http.DeleteAsync($"/api/cameras/{yard}"))
            Assert.Equal(204, (int)deleted.StatusCode);
        Assert.Null((await _world.Http.GetJsonAsync($"/api/layouts/{layout.Text("id")}")).Text("cells.0.cameraId"));
        using (var gone = await _world.Http.DeleteAsync($"/api/layouts/{layout.Text("id")}"))
            Assert.Equal(204, (int)gone.StatusCode);
        await _world.Http.GetJsonAsync($"/api/layouts/{layout.Text("id")}", 404);
        Assert.Equal(3L, await _world.ScalarAsync("select count(*) from control.audit where action like 'layout.%'"));
    }

    [Theory]
    [InlineData("""{"grid":"4"}""", "name:required")]
    [InlineData("""{"name":"x","grid":"5"}""", "grid:invalidValue columns:required rows:required")]
    [InlineData("""{"name":"x","grid":"custom","columns":17,"rows":0}""", "columns:outOfRange rows:outOfRange")]
    [InlineData("""{"name":"x","grid":"4","columns":3}""", "columns:notOfGrid")]
    [InlineData("""{"name":"x","grid":"4","cells":[{"x":0,"y":0,"width":2}]}""", "cells[0]:notOfGrid")]
    [InlineData("""{"name":"x","grid":"custom","columns":2,"rows":2,"cells":[{"x":1,"y":0,"width":2},{"x":0,"y":2147483647}]}""", "cells[0]:outsideGrid cells[1]:outsideGrid")]
    [InlineData("""{"name":"x","grid":"custom","columns":2,"rows":2,"cells":[{"x":0,"y":0,"height":2},{"x":0,"y":1,"width":2}]}""", "cells[1]:overlaps")]
    [InlineData("""{"name":"x","grid":"1","cells":[{"x":0,"y":0},{"x":0,"y":0}]}""", "cells:tooMany")]
    [InlineData("""{"name":"x","cells":[{"x":0,"y":0,"cameraId":"nobody","stream":"best"},null]}""", "cells[0].stream:invalidValue cells[1]:required")]
    [InlineData("""{"name":"x","cells":[{"x":0,"y":0,"cameraId":"nobody"}]}""", "cells[0].cameraId:cameraNotFound")]
    public async Task What_is_wrong_with_a_layout_is_said_cell_by_cell(string body, string expected)
    {
        using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var response = await _world.Http.PostAsync("/api/layouts", content);
        Assert.Equal(expected, string.Join(' ', (await response.ProblemAsync(400, "invalidInput")).FieldCodes()));
    }

    [Fact]
    public async Task A_private_layout_is_its_owners_and_a_shared_one_shows_everybody_what_they_may_see()
    {
        var harbour = await _world.AddSiteAsync("harbour");
        var vault = (await _world.AddCameraAsync("Vault")).Text("id")!;
        var cells = new[] { new { x = 0, y = 0, cameraId = vault }, new { x = 1, y = 0, cameraId = harbour } };
        var own = (await _world.Http.PostAsync("/api/layouts", new { name = "Mine", cells }, 201)).Text("id")!;
        var shared = (await _world.Http.PostAsync("/api/layouts", new { name = "Ours", shared = true, cells }, 201)).Text("id")!;

        using var master = _world.As("master", ("operator", "site", "harbour"));
        using (var hidden = await master.GetAsync($"/api/layouts/{own}"))
            await hidden.ProblemAsync(404, "layoutNotFound");
        var seen = (await master.GetJsonAsync("/api/layouts")).GetProperty("items").EnumerateArray().Single();
        Assert.Equal((null, harbour, "False"), (seen.Text("cells.0.cameraId"), seen.Text("cells.1.cameraId"), seen.Text("editable")));
        Assert.Equal("forbidden", (await master.PatchAsync($"/api/layouts/{shared}", """{"name":"Theirs"}""", 403)).Text("code"));
        Assert.Equal(["cells[0].cameraId:cameraNotFound"], (await master.PostAsync("/api/layouts", new { name = "x", cells }, 400)).FieldCodes());

        // A viewer has layouts of their own and shares none; a stranger of another tenant sees nothing.
        using var viewer = _world.AsRole("viewer");
        await viewer.PostAsync("/api/layouts", new { name = "Desk", cells }, 201);
        Assert.Equal("shared", (await viewer.PostAsync("/api/layouts", new { name = "x", shared = true }, 403)).Text("fields.0.field"));
        await _world.AddTenantAsync("neighbour");
        using var stranger = _world.Anonymous();
        stranger.DefaultRequestHeaders.Authorization = _world.BearerOf("neighbour", "stranger", ("admin", "tenant", null));
        Assert.Empty((await stranger.GetJsonAsync("/api/layouts")).GetProperty("items").EnumerateArray());
        Assert.Equal("layoutNotFound", (await stranger.PatchAsync($"/api/layouts/{shared}", "{}", 404)).Text("code"));

        var first = await _world.Http.GetJsonAsync("/api/layouts?limit=1");
        Assert.Equal("Mine", first.Text("items.0.name"));
        Assert.Equal("Ours", (await _world.Http.GetJsonAsync($"/api/layouts?limit=1&cursor={first.Text("nextCursor")}")).Text("items.0.name"));
    }

    [Fact]
    public async Task A_layout_with_more_cameras_than_allowed_is_refused_by_the_name_of_the_limit()
    {
        var cameras = new List<string>();
        for (var i = 0; i < 3; i++)
            cameras.Add((await _world.AddCameraAsync("Camera " + i)).Text("id")!);
        var cells = cameras.Select((id, i) => new { x = i % 2, y = i / 2, cameraId = id });
        await _world.Http.PatchAsync("/api/sites/default", """{"limits":{"camerasPerLayout":2}}""");
        var refused = await _world.Http.PostAsync("/api/layouts", new { name = "x", cells }, 409);
        Assert.Equal(("limitReached", "camerasPerLayout", "2", "default"), (refused.Text("code"), refused.Text("limit"), refused.Text("max"), refused.Text("siteId")));
        Assert.Equal(["limits.camerasPerLayout:limitReached"], refused.FieldCodes());

        await _world.Http.PatchAsync("/api/sites/default", """{"limits":null}""");
        await _world.Http.PatchAsync("/api/tenants/default", """{"limits":{"camerasPerLayout":3}}""");
        await _world.Http.PostAsync("/api/layouts", new { name = "x", cells }, 201);
    }

    [Fact]
    public async Task Nobody_watches_more_cameras_at_once_than_allowed()
    {
        await using var media = new FakeMedia(_world.Options);
        await media.StartAsync();
        var cameras = new List<string>();
        for (var i = 0; i < 3; i++)
            cameras.Add((await _world.AddCameraAsync("Camera " + i, new { subUrl = "rtsp://10.0.0.7/sub" })).Text("id")!);
        await _world.Http.PatchAsync("/api/tenants/default", """{"limits":{"liveStreamsPerUser":2}}""");
        media.Watching.Add(("admin", cameras[0]));
        media.Watching.Add(("somebody else", cameras[2]));

        await _world.Http.PostAsync($"/api/cameras/{cameras[0]}/live", new { stream = "sub" });   // the other stream of what is watched already
        await _world.Http.PostAsync($"/api/cameras/{cameras[1]}/live", new { });
        var refused = await _world.Http.PostAsync($"/api/cameras/{cameras[2]}/live", new { }, 409);
        Assert.Equal(("limitReached", "liveStreamsPerUser", "2"), (refused.Text("code"), refused.Text("limit"), refused.Text("max")));
        using var other = _world.As("somebody else", ("viewer", "tenant", null));
        await other.PostAsync($"/api/cameras/{cameras[1]}/live", new { });

        // What was let in and never opened counts no longer after a while.
        _time.Advance(TimeSpan.FromSeconds(11));
        await _world.Http.PostAsync($"/api/cameras/{cameras[2]}/live", new { });
        await _world.Http.PatchAsync("/api/tenants/default", """{"limits":{"liveStreamsPerUser":null}}""");
        await _world.Http.PatchAsync("/api/sites/default", """{"limits":{"liveStreamsPerUser":1}}""");
        Assert.Equal("default", (await _world.Http.PostAsync($"/api/cameras/{cameras[1]}/live", new { }, 409)).Text("siteId"));
    }

    [Fact]
    public async Task A_token_at_the_front_door_begins_no_more_cameras_than_allowed_whichever_way_it_watches()
    {
        await using var media = new FakeMedia(_world.Options);
        await media.StartAsync();
        var cameras = new List<string>();
        for (var i = 0; i < 2; i++)
            cameras.Add((await _world.AddCameraAsync("Camera " + i)).Text("id")!);
        await _world.Http.PatchAsync("/api/tenants/default", """{"limits":{"liveStreamsPerUser":1}}""");
        var ticket = (await _world.Http.PostAsync($"/api/cameras/{cameras[0]}/live", new { })).Text("ticket");
        var ways = new (HttpMethod Method, string Path)[]
        {
            (HttpMethod.Post, "/webrtc/cam_{0}/whep"), (HttpMethod.Get, "/mse/cam_{0}"), (HttpMethod.Get, "/hls/cam_{0}/index.m3u8"), (HttpMethod.Get, "/hls/cam_{0}/main/7.m4s"),
            (HttpMethod.Get, "/dash/cam_{0}/index.mpd"), (HttpMethod.Get, "/mjpeg/cam_{0}"),
        };
        foreach (var (method, path) in ways)
        {
            using var refused = await AskAsync(_world.Http, method, path, cameras[1]);
            var problem = await refused.ProblemAsync(409, "limitReached");
            Assert.Equal(("liveStreamsPerUser", "1"), (problem.Text("limit"), problem.Text("max")));
            using var watched = await AskAsync(_world.Http, method, path, cameras[0]);
            Assert.NotEqual(409, (int)watched.StatusCode);
        }

        // A session that is there is ended all the same, and a ticket was counted when it was issued.
        using var ended = await AskAsync(_world.Http, HttpMethod.Delete, "/webrtc/cam_{0}/whep/x", cameras[1]);
        Assert.NotEqual(409, (int)ended.StatusCode);
        using var anonymous = _world.Anonymous();
        using var byTicket = await AskAsync(anonymous, HttpMethod.Get, "/hls/cam_{0}/index.m3u8?ticket=" + ticket, cameras[0]);
        Assert.NotEqual(409, (int)byTicket.StatusCode);

        // Who asks for playlists again and again goes on watching; who does not has stopped after a while.
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(6));
            using var playing = await AskAsync(_world.Http, HttpMethod.Get, "/hls/cam_{0}/index.m3u8", cameras[0]);
            Assert.NotEqual(409, (int)playing.StatusCode);
            using var other = await AskAsync(_world.Http, HttpMethod.Get, "/hls/cam_{0}/index.m3u8", cameras[1]);
            await other.ProblemAsync(409, "limitReached");
        }

        _time.Advance(TimeSpan.FromSeconds(11));
        using var free = await AskAsync(_world.Http, HttpMethod.Get, "/hls/cam_{0}/index.m3u8", cameras[1]);
        Assert.NotEqual(409, (int)free.StatusCode);

        static async Task<HttpResponseMessage> AskAsync(HttpClient client, HttpMethod method, string path, string camera)
        {
            using var request = new HttpRequestMessage(method, string.Format(CultureInfo.InvariantCulture, path, camera));
            return await client.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task What_an_API_key_watches_counts_for_the_key()
    {
        await using var media = new FakeMedia(_world.Options);
        await media.StartAsync();
        var (first, second) = ((await _world.AddCameraAsync("A")).Text("id")!, (await _world.AddCameraAsync("B")).Text("id")!);
        await _world.Http.PatchAsync("/api/tenants/default", """{"limits":{"liveStreamsPerUser":1}}""");
        var key = (await _world.Http.PostAsync("/api/api-keys", new { name = "wall", grants = new[] { new { roleId = "viewer" } } }, 201)).Text("key")!;
        using var program = _world.Anonymous();
        program.DefaultRequestHeaders.Authorization = new("Bearer", key);
        media.Watching.Add(("wall", first));    // a person of the same name
        await program.PostAsync($"/api/cameras/{second}/live", new { });
        _time.Advance(TimeSpan.FromSeconds(11));
        media.Watching.Add(("apiKey:wall", first));
        await program.PostAsync($"/api/cameras/{second}/live", new { }, 409);
    }

    [Fact]
    public async Task No_more_people_are_signed_in_at_once_than_allowed_but_an_administrator_gets_in()
    {
        const string password = "ten characters at least";
        await _world.Http.PatchAsync("/api/tenants/default", """{"limits":{"sessions":1}}""");
        await _world.Http.PostAsync("/api/tenants", new { id = "neighbour", name = "Neighbour", administrator = new { username = "boss", password } }, 201);
        await _world.ExecuteAsync("""
            update control.account set tenant_id = 'default' where username = 'boss';
            update control.role_grant g set tenant_id = 'default', role_id = 'viewer' from control.account a where a.id = g.account_id and a.username = 'boss'
            """);
        _world.RefreshRights();

        var first = await _world.LoginAsync("boss", password);
        using (var second = await PostAsync("/api/auth/login", new { username = "boss", password }))
        {
            var refused = await second.ProblemAsync(409, "limitReached");
            Assert.Equal(("sessions", "1"), (refused.Text("limit"), refused.Text("max")));
        }

        await _world.LoginAsync();   // the administrator

        // A sign-in that nobody used for a while has given its place away, and takes one again when there is one.
        _time.Advance(TimeSpan.FromMinutes(16));
        await _world.LoginAsync("boss", password);
        using (var late = await PostAsync("/api/auth/refresh", new { refreshToken = first.RefreshToken }))
            await late.ProblemAsync(409, "limitReached");
        _time.Advance(TimeSpan.FromMinutes(16));
        using var woken = await PostAsync("/api/auth/refresh", new { refreshToken = first.RefreshToken });
        await woken.JsonAsync();
    }

    private Task<HttpResponseMessage> PostAsync(string path, object body) =>
        _world.Http.PostAsync(path, new StringContent(JsonSerializer.Serialize(body), new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")));

    /// <summary>The real clock, set forward.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        private TimeSpan _ahead;

        public void Advance(TimeSpan by) => _ahead += by;

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;
    }
}
