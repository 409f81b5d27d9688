using System.Net.Http.Json;
using System.Text;
using Vms.Control.Tests.Support;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features;

public sealed class CamerasTests : IClassFixture<CamerasTests.Fixture>
{
    private readonly ControlWorld _world;

    public CamerasTests(Fixture fixture) => _world = fixture.World;

    [Fact]
    public async Task A_camera_is_added_read_changed_and_deleted()
    {
        var added = await _world.AddCameraAsync("Front door", new { recording = new { mode = "continuous", segmentSeconds = 60 } });
        var id = added.Text("id")!;
        Assert.Equal("offline", added.Text("state"));
        Assert.Equal("mediaUnavailable", added.Text("stateReason"));
        Assert.Equal("60", added.Text("recording.segmentSeconds"));
        Assert.Equal("main", added.Text("streams.0.name"));
        Assert.EndsWith("Z", added.Text("createdAt"), StringComparison.Ordinal);

        var changed = await _world.Http.PatchAsync($"/api/cameras/{id}", """{"name":"Back door","recording":{"mode":"off"},"enabled":false}""");
        Assert.Equal("Back door", changed.Text("name"));
        Assert.Equal("disabled", changed.Text("state"));
        Assert.Equal("off", changed.Text("recording.state"));
        Assert.Equal("60", changed.Text("recording.segmentSeconds"));   // merge: what is absent stays
        Assert.Equal("2", changed.Text("generation"));

        using var deleted = await _world.Http.DeleteAsync($"/api/cameras/{id}");
        Assert.Equal(204, (int)deleted.StatusCode);
        using var gone = await _world.Http.GetAsync($"/api/cameras/{id}");
        await gone.ProblemAsync(404, "cameraNotFound");
        using var again = await _world.Http.DeleteAsync($"/api/cameras/{id}");
        await again.ProblemAsync(404, "cameraNotFound");
    }

    [Fact]
    public async Task Credentials_in_the_address_move_to_their_fields_and_the_password_is_never_shown()
    {
        var added = await _world.AddCameraAsync("Secret", new { mainUrl = "rtsp://root:s3cr%40t@10.0.0.8:554/cam?channel=1&subtype=0" });
        Assert.Equal("rtsp://10.0.0.8:554/cam?channel=1&subtype=0", added.Text("mainUrl"));
        Assert.Equal("root", added.Text("username"));
        Assert.Equal("True", added.Text("hasPassword"));
        Assert.DoesNotContain("s3cr", added.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr", _world.Log.Text, StringComparison.Ordinal);

        var id = added.Text("id")!;
        var row = (string)(await _world.ScalarAsync($"select row_to_json(c)::text from control.camera c where id = '{id}'"))!;
        Assert.DoesNotContain("s3cr", row, StringComparison.Ordinal);

        // A patch that does not mention the password keeps it; null removes it.
        Assert.Equal("True", (await _world.Http.PatchAsync($"/api/cameras/{id}", """{"name":"Secret 2"}""")).Text("hasPassword"));
        Assert.Equal("False", (await _world.Http.PatchAsync($"/api/cameras/{id}", """{"password":null}""")).Text("hasPassword"));
        var moved = await _world.Http.PatchAsync($"/api/cameras/{id}", """{"mainUrl":"rtsp://other:pw@10.0.0.9/x"}""");
        Assert.Equal("other", moved.Text("username"));
        Assert.Equal("True", moved.Text("hasPassword"));
    }

    [Fact]
    public async Task Two_people_who_change_the_same_generation_do_not_overwrite_each_other()
    {
        var id = (await _world.AddCameraAsync("Shared")).Text("id");
        await _world.Http.PatchAsync($"/api/cameras/{id}", """{"name":"Mine","generation":1}""");
        var conflict = await _world.Http.PatchAsync($"/api/cameras/{id}", """{"name":"Yours","generation":1}""", 409);
        Assert.Equal("generationConflict", conflict.Text("code"));
        Assert.Equal("Mine", (await _world.Http.GetJsonAsync($"/api/cameras/{id}")).Text("name"));
    }

    [Fact]
    public async Task Everything_wrong_with_a_request_is_named_at_once_with_stable_codes()
    {
        using var answer = await _world.Http.PostAsJsonAsync("/api/cameras", new
        {
            name = " ",
            mainUrl = "http://10.0.0.7/x",
            subUrl = "rtsp://",
            transport = "pigeon",
            recording = new { mode = "sometimes", segmentSeconds = 1, format = "avi", schedule = new[] { new { days = new[] { "mon" } } }, retention = new { maxAgeDays = -1 } },
        });
        var problem = await answer.ProblemAsync(400, "invalidInput");
        Assert.Equal(
            [
                "mainUrl:invalidUrl", "name:required", "recording.format:invalidValue", "recording.mode:invalidValue",
                "recording.retention.maxAgeDays:outOfRange", "recording.schedule[0].from:invalidValue", "recording.schedule[0].mode:invalidValue",
                "recording.schedule[0].to:invalidValue", "recording.segmentSeconds:outOfRange",
                "subUrl:invalidUrl", "transport:invalidValue",
            ],
            problem.FieldCodes().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"name":"x","mainUrl":"rtsp://h/x","siteId":"nowhere"}""", "siteId:siteNotFound")]
    [InlineData("""{"name":"x","mainUrl":"rtsp://h/x","recording":{"stream":"sub"}}""", "recording.stream:noSubStream")]
    [InlineData("""{"name":"x","mainUrl":"rtsp://h/x","transport":"pigeon"}""", "transport:invalidValue")]
    [InlineData("""{"name":"x"}""", "mainUrl:required")]
    [InlineData("""{"name":5,"mainUrl":"rtsp://h/x"}""", "name:invalidType")]
    [InlineData("""{"name":"x","mainUrl":"rtsp://h/x","recording":{"segmentSeconds":"soon"}}""", "recording.segmentSeconds:invalidType")]
    [InlineData("""{"name":"x","mainUrl":"rtsp://h/x","recording":{"segmentBytes":1000}}""", "recording.segmentBytes:outOfRange")]
    [InlineData("""{"name":"x","mainUrl":"rtsp://h/x","recording":[]}""", "recording:invalidType")]
    public async Task A_wrong_field_is_named(string json, string expected)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await _world.Http.PostAsync("/api/cameras", content);
        Assert.Equal([expected], (await answer.ProblemAsync(400, "invalidInput")).FieldCodes());
    }

    [Theory]
    [InlineData("""{"name":""")]
    [InlineData("not json")]
    [InlineData("""{"name":"x",}""")]
    [InlineData("{\"name\":\"\u0001\"}")]
    public async Task Malformed_JSON_is_a_problem_and_nothing_else(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await _world.Http.PostAsync("/api/cameras", content);
        await answer.ProblemAsync(400, "malformedJson");
    }

    [Fact]
    public async Task Deep_large_empty_and_foreign_bodies_are_refused_politely()
    {
        using var deep = new StringContent("{\"x\":" + new string('[', 5000), Encoding.UTF8, "application/json");
        using var deepAnswer = await _world.Http.PostAsync("/api/cameras", deep);
        await deepAnswer.ProblemAsync(400, "malformedJson");

        using var large = new StringContent("{\"name\":\"" + new string('x', 2 << 20) + "\"}", Encoding.UTF8, "application/json");
        // Says how large it is and waits for leave: otherwise the answer may be lost with the connection while the body is on its way.
        using var largeRequest = new HttpRequestMessage(HttpMethod.Post, "/api/cameras") { Content = large };
        largeRequest.Headers.ExpectContinue = true;
        using var largeAnswer = await _world.Http.SendAsync(largeRequest);
        await largeAnswer.ProblemAsync(413, "bodyTooLarge");

        using var empty = new StringContent("", Encoding.UTF8, "application/json");
        using var emptyAnswer = await _world.Http.PostAsync("/api/cameras", empty);
        Assert.Equal(400, (int)emptyAnswer.StatusCode);

        using var text = new StringContent("name=x", Encoding.UTF8, "application/x-www-form-urlencoded");
        using var textAnswer = await _world.Http.PostAsync("/api/cameras", text);
        await textAnswer.ProblemAsync(415, "unsupportedMediaType");
    }

    [Fact]
    public async Task No_camera_is_left_out_where_the_database_knows_only_plain_letters()
    {
        // As the product's own database is.
        var plain = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync("template template0 lc_collate 'C' lc_ctype 'C'");
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Postgres = plain });
        for (var i = 0; i < 5; i++)
            await world.AddCameraAsync($"TÜR {i}");
        var names = new List<string?>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await world.Http.GetJsonAsync($"/api/cameras?limit=2&cursor={cursor}");
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(c => c.Text("name")));
            cursor = page.Text("nextCursor");
        }

        Assert.Equal(["TÜR 0", "TÜR 1", "TÜR 2", "TÜR 3", "TÜR 4"], names);
    }

    [Fact]
    public async Task A_list_comes_by_name_and_page_by_page()
    {
        await using var world = await ControlWorld.StartAsync();
        foreach (var name in new[] { "delta", "Alpha", "charlie", "Bravo", "alpha" })
            await world.AddCameraAsync(name);

        var names = new List<string?>();
        string? cursor = null;
        do
        {
            var page = await world.Http.GetJsonAsync($"/api/cameras?limit=2&cursor={cursor}");
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(c => c.Text("name")!.ToLowerInvariant()));
            cursor = page.Text("nextCursor");
        }
        while (cursor is not null);
        Assert.Equal(["alpha", "alpha", "bravo", "charlie", "delta"], names);

        using var bad = await world.Http.GetAsync("/api/cameras?cursor=%00nonsense");
        Assert.Equal(["cursor:invalidCursor"], (await bad.ProblemAsync(400, "invalidInput")).FieldCodes());
        using var foreign = await world.Http.GetAsync("/api/cameras?limit=0");
        Assert.Equal(["limit:outOfRange"], (await foreign.ProblemAsync(400, "invalidInput")).FieldCodes());
        Assert.Equal("5", (await world.Http.GetJsonAsync("/api/sites")).Text("items.0.cameras"));
    }

    [Fact]
    public async Task Addresses_nobody_knows_and_methods_nobody_serves_are_problems()
    {
        using var unknown = await _world.Http.GetAsync("/api/no/such/thing");
        await unknown.ProblemAsync(404, "notFound");
        using var method = await _world.Http.PutAsync("/api/cameras", null);
        await method.ProblemAsync(405, "methodNotAllowed");
        using var patch = new StringContent("{}", Encoding.UTF8, "application/json");
        using var missing = await _world.Http.PatchAsync("/api/cameras/nope", patch);
        await missing.ProblemAsync(404, "cameraNotFound");
        using var live = await _world.Http.PostAsync("/api/cameras/nope/live", null);
        await live.ProblemAsync(404, "cameraNotFound");
    }

    [Fact]
    public async Task Watching_live_gives_a_ticket_and_addresses_on_the_host_the_browser_used()
    {
        var id = (await _world.AddCameraAsync("Live")).Text("id");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/cameras/{id}/live") { Content = JsonContent.Create(new { stream = "main" }) };
        request.Headers.Host = "vms.example:9000";
        using var response = await _world.Http.SendAsync(request);
        var live = await response.JsonAsync();
        Assert.StartsWith($"http://vms.example:8081/webrtc/cam_{id}/whep?stream=main&ticket=", live.Text("whepUrl"), StringComparison.Ordinal);
        Assert.StartsWith($"ws://vms.example:8081/mse/cam_{id}?stream=main&ticket=", live.Text("mseUrl"), StringComparison.Ordinal);
        Assert.StartsWith($"rtsp://vms.example:8554/cam_{id}?ticket=", live.Text("rtspUrl"), StringComparison.Ordinal);
        Assert.StartsWith($"http://vms.example:8081/hls/cam_{id}/index.m3u8?stream=main&ticket=", live.Text("hlsUrl"), StringComparison.Ordinal);
        Assert.StartsWith($"http://vms.example:8081/dash/cam_{id}/index.mpd?stream=main&ticket=", live.Text("dashUrl"), StringComparison.Ordinal);
        Assert.Empty(live.GetProperty("iceServers").EnumerateArray());

        using var sub = await _world.Http.PostAsJsonAsync($"/api/cameras/{id}/live", new { stream = "sub" });
        await sub.ProblemAsync(404, "streamNotFound");
        using var wrong = await _world.Http.PostAsJsonAsync($"/api/cameras/{id}/live", new { stream = "third" });
        Assert.Equal(["stream:invalidValue"], (await wrong.ProblemAsync(400, "invalidInput")).FieldCodes());
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal ControlWorld World { get; private set; } = null!;

        public async ValueTask InitializeAsync() => World = await ControlWorld.StartAsync();

        public ValueTask DisposeAsync() => World.DisposeAsync();
    }
}
