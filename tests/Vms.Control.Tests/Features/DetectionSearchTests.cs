using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Events;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Features;

/// <summary>Objects are found by what they did, and counted by when they did it.</summary>
public sealed class DetectionSearchTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_morning = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);

    private ControlWorld _world = null!;
    private string _door = "", _yard = "";

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _door = (await _world.AddCameraAsync("Door")).Text("id")!;
        _yard = await _world.AddSiteAsync("harbour");
        await _world.Http.PostAsync("/api/groups", new { name = "Outside", cameraIds = new[] { _yard } }, 201);
        await StoreAsync("runs", "object.person", _door, 0, 8, new { @class = "person", trackId = "1", confidence = 0.9, box = new[] { 0.1, 0.2, 0.1, 0.5 }, path = Way((0, 0.1, 0.8), (8000, 0.9, 0.7)) });
        await StoreAsync("in", "line.crossed", _door, 4, null, new { @class = "person", trackId = "1", line = "Gate", direction = "in" });
        await StoreAsync("parks", "object.vehicle", _yard, 65, 3700, new { @class = "car", trackId = 2, confidence = 0.8, box = new[] { 0.1, 0.2, 0.1, 0.2 }, path = Way((0, 0.5, 0.5), (60000, 0.51, 0.52), (3600000, 0.5, 0.5)) });
        await StoreAsync("stays", "zone.entered", _yard, 66, null, new { @class = "car", trackId = 2, zone = "Ramp" });
        await StoreAsync("comes", "object.person", _yard, 4000, 4002, new { @class = "person", trackId = "3", box = new[] { 0.1, 0.2, 0.1, 0.1 }, path = Way((0, 0.5, 0.1), (2000, 0.5, 0.6)), zone = "Ramp" });
        await StoreAsync("out", "line.crossed", _yard, 4001, null, new { @class = "person", trackId = "3", line = "Gate", direction = "out" });
        // Another program's, in its own words.
        await StoreAsync("odd", "object.person", _door, 4100, null, new { @class = 7, trackId = "4", box = "large", path = new object[] { "here", new[] { "a", "b", "c" } } });
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData("", "odd comes parks runs")]
    [InlineData("motion=moving", "comes runs")]
    [InlineData("motion=standing", "parks")]
    [InlineData("heading=right", "runs")]
    [InlineData("heading=left", "")]
    [InlineData("heading=down", "comes")]
    [InlineData("heading=up", "")]
    [InlineData("minSeconds=5&maxSeconds=60", "runs")]
    [InlineData("minSeconds=60", "parks")]
    [InlineData("minSize=0.4", "runs")]
    [InlineData("maxSize=0.2", "comes parks")]
    [InlineData("zone=Ramp", "comes parks")]
    [InlineData("zone=ramp", "")]
    [InlineData("line=Gate", "comes runs")]
    [InlineData("line=Gate&direction=in", "runs")]
    [InlineData("line=Gate&direction=in&motion=standing", "")]
    [InlineData("line=Gate&from=2026-11-21T09:00:00Z", "comes")]
    public async Task Objects_are_found_by_what_they_did(string query, string ids) => Assert.Equal(ids, await IdsAsync(query));

    [Theory]
    [InlineData("line=Gate&direction=in", 4)]
    [InlineData("line=Gate&direction=out&zone=Ramp", 4001)]
    [InlineData("zone=Ramp&class=car", 66)]
    [InlineData("class=car", null)]
    public async Task The_moment_of_what_was_asked_for_is_told(string query, int? seconds)
    {
        var found = Assert.Single((await _world.Http.GetJsonAsync("/api/detections?" + query)).GetProperty("items").EnumerateArray());
        DateTimeOffset? told = found.Text("matchedAt") is null ? null : found.GetProperty("matchedAt").GetDateTimeOffset();
        Assert.Equal(seconds is { } s ? s_morning.AddSeconds(s) : (DateTimeOffset?)null, told);
    }

    [Fact]
    public async Task Cameras_are_those_that_are_named_and_those_of_groups_and_sites()
    {
        var group = (await _world.Http.GetJsonAsync("/api/groups")).Text("items.0.id");
        Assert.Equal("comes parks", await IdsAsync($"groupId={group}"));
        Assert.Equal("comes parks", await IdsAsync("siteId=harbour"));
        Assert.Equal("odd comes parks runs", await IdsAsync($"siteId=harbour&cameraId={_door}"));
        Assert.Equal("", await IdsAsync("groupId=nowhere"));
    }

    [Theory]
    [InlineData("motion=fast", "motion:invalidValue")]
    [InlineData("heading=north", "heading:invalidValue")]
    [InlineData("line=Gate&direction=both", "direction:invalidValue")]
    [InlineData("direction=in", "direction:required")]
    [InlineData("state=maybe", "state:invalidValue")]
    public async Task What_cannot_be_asked_is_said(string query, string problem) =>
        Assert.Equal([problem], (await _world.Http.GetJsonAsync("/api/detections?" + query, 400)).FieldCodes());

    [Fact]
    public async Task Objects_are_counted_by_class_and_hour()
    {
        var counts = await CountsAsync("from=2026-11-21T08:30:00%2B00:30&to=2026-11-21T10:00:00Z");
        Assert.Equal(["2026-11-21T08:00:00.000Z", "2026-11-21T09:00:00.000Z"], counts.GetProperty("starts").EnumerateArray().Select(s => s.GetString()));
        Assert.Equal(["person 2: 1 1", "7 1: 0 1", "car 1: 1 0"], Lines(counts));
    }

    [Fact]
    public async Task Whatever_a_person_said_is_none_does_not_count_unless_it_is_asked_for()
    {
        await _world.Http.PatchAsync("/api/detections/comes", """{"state":"false"}""");
        Assert.Equal(["7 1: 1", "car 1: 1", "person 1: 1"], Lines(await CountsAsync("by=day&from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z")));
        Assert.Equal(["person 1: 1"], Lines(await CountsAsync("by=day&from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z&state=false")));
    }

    [Fact]
    public async Task What_an_object_did_that_is_none_is_not_counted_either()
    {
        await _world.Http.PatchAsync("/api/detections/comes", """{"state":"false"}""");
        const string day = "by=day&from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z&of=line";
        Assert.Equal(["Gate Door in 1: 1"], Lines(await CountsAsync(day)));
        Assert.Equal(["Gate Camera at harbour out 1: 1"], Lines(await CountsAsync(day + "&state=false")));
    }

    [Fact]
    public async Task What_a_camera_says_without_an_object_is_counted()
    {
        await StoreAsync("camera-s-own", "line.crossed", _door, 5, null, new { line = "Fence", direction = "in" });
        const string day = "by=day&from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z&of=line&line=Fence";
        Assert.Equal(["Fence Door in 1: 1"], Lines(await CountsAsync(day)));
        Assert.Empty(Lines(await CountsAsync(day + "&minSeconds=1")));
    }

    [Fact]
    public async Task The_largest_series_are_told_whole_and_how_many_others_there_are()
    {
        for (var i = 0; i < 102; i++)
            await StoreAsync($"many-{i}", "object.animal", _door, 5000 + i, null, new { @class = $"kind {i:000}" });
        await StoreAsync("once-more", "object.animal", _door, 12_000, null, new { @class = "kind 101" });
        var counts = await CountsAsync("from=2026-11-21T08:00:00Z&to=2026-11-21T12:00:00Z");
        Assert.Equal((100, "5"), (counts.GetProperty("series").GetArrayLength(), counts.Text("omitted")));
        Assert.Equal(["kind 101 2: 0 1 0 1", "person 2: 1 1 0 0", "7 1: 0 1 0 0"], Lines(counts).Take(3));
    }

    [Fact]
    public async Task A_number_that_the_database_cannot_compare_hinders_no_search()
    {
        // As events were stored before they were refused.
        await _world.ExecuteAsync("""
            insert into control.event (id, at, type, camera_id, site_id, source, data, tenant_id)
            select 'tiny', at, type, camera_id, site_id, source, '{"trackId":"9","confidence":1e-400,"box":[0,0,0,1e-400],"path":[[0,1e-400,0.5],[1,0.5,0.5]]}', tenant_id from control.event where id = 'runs'
            """);
        foreach (var query in new[] { "minConfidence=0.1", "minSize=0.4", "motion=moving", "heading=right" })
            Assert.Contains("runs", await IdsAsync(query), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("of=camera", "Camera at harbour 2: 2|Door 2: 2")]
    [InlineData("of=camera&siteId=harbour", "Camera at harbour 2: 2")]
    [InlineData("of=class&motion=moving", "person 2: 2")]
    [InlineData("of=line", "Gate Door in 1: 1|Gate Camera at harbour out 1: 1")]
    [InlineData("of=line&line=Gate&direction=out", "Gate Camera at harbour out 1: 1")]
    [InlineData("of=line&line=Fence", "")]
    [InlineData("of=zone", "Ramp Camera at harbour 1: 1")]
    [InlineData("of=zone&class=person", "")]
    [InlineData("of=line&minSeconds=5", "Gate Door in 1: 1")]
    [InlineData("of=line&maxSeconds=5", "Gate Camera at harbour out 1: 1")]
    [InlineData("of=line&heading=down", "Gate Camera at harbour out 1: 1")]
    [InlineData("of=zone&minSeconds=60&motion=standing&minSize=0.2", "Ramp Camera at harbour 1: 1")]
    [InlineData("of=zone&state=confirmed", "")]
    public async Task What_is_counted_is_chosen(string query, string lines)
    {
        var counted = Lines(await CountsAsync("by=day&timeZone=Europe/Berlin&from=2026-11-20T23:00:00Z&to=2026-11-21T23:00:00Z&" + query)).Order(StringComparer.Ordinal);
        Assert.Equal(lines.Split('|', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), counted);
    }

    [Theory]
    [InlineData("of=colour", "of:invalidValue from:required")]
    [InlineData("from=2026-11-21T00:00:00Z&by=year", "by:invalidValue")]
    [InlineData("from=2026-11-21T00:00:00Z&timeZone=Mars/Base", "timeZone:unknownTimeZone")]
    [InlineData("from=2026-11-21T00:00:00Z&to=2026-11-20T00:00:00Z", "to:invalidRange")]
    [InlineData("from=2016-11-21T00:00:00Z&to=2026-11-20T00:00:00Z", "to:rangeTooLong")]
    [InlineData("from=0001-01-01T00:00:00Z&by=week", "from:outOfRange")]
    [InlineData("from=9999-12-31T23:00:00Z&to=9999-12-31T23:59:00Z&by=month", "from:outOfRange to:outOfRange")]
    public async Task What_cannot_be_counted_is_said(string query, string problems) =>
        Assert.Equal(problems.Split(' '), (await _world.Http.GetJsonAsync("/api/detections/counts?" + query, 400)).FieldCodes());

    [Fact]
    public async Task Nobody_counts_what_happened_at_cameras_out_of_their_reach()
    {
        using var caller = _world.As("harbour-master", ("admin", "site", "harbour"));
        const string day = "/api/detections/counts?by=day&from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z";
        Assert.Equal(["car 1: 1", "person 1: 1"], Lines(await caller.GetJsonAsync(day)));
        Assert.Equal(["Gate Camera at harbour out 1: 1"], Lines(await caller.GetJsonAsync(day + "&of=line")));
        Assert.Empty(Lines(await caller.GetJsonAsync($"{day}&cameraId={_door}")));
        await _world.AddTenantAsync("strangers");
        using var stranger = _world.Anonymous();
        stranger.DefaultRequestHeaders.Authorization = _world.BearerOf("strangers", "stranger", ("admin", "tenant", null));
        Assert.Empty(Lines(await stranger.GetJsonAsync(day)));
    }

    private async Task<string> IdsAsync(string query) =>
        string.Join(' ', (await _world.Http.GetJsonAsync("/api/detections?" + query)).GetProperty("items").EnumerateArray().Select(d => d.Text("id")));

    private Task<JsonElement> CountsAsync(string query) => _world.Http.GetJsonAsync("/api/detections/counts?" + query);

    private static List<string> Lines(JsonElement counts) => [.. counts.GetProperty("series").EnumerateArray().Select(s =>
        $"{string.Join(' ', new[] { s.Text("name"), s.Text("cameraName"), s.Text("direction") }.Where(n => n is not null))} {s.GetProperty("total")}: {string.Join(' ', s.GetProperty("counts").EnumerateArray())}")];

    private static double[][] Way(params (double Ms, double X, double Y)[] points) => [.. points.Select(p => (double[])[p.Ms, p.X, p.Y])];

    private async Task StoreAsync(string id, string type, string camera, int second, int? endSecond, object data)
    {
        var message = JsonSerializer.SerializeToUtf8Bytes(new
        {
            id,
            type,
            cameraId = camera,
            at = s_morning.AddSeconds(second),
            endAt = endSecond is { } end ? s_morning.AddSeconds(end) : (DateTimeOffset?)null,
            source = "analytics",
            data,
        });
        await _world.Services.GetRequiredService<EventStore>().AddAsync([BusEvent.TryParse($"vms.events.default.{camera}.{type}", message)!], default);
    }
}
