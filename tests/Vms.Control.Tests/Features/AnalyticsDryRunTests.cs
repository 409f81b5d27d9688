using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Contracts.Ai;
using Vms.Control.Auth;
using Vms.Control.Events;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Features;

/// <summary>What control asks of the AI plane, and what it makes of the answer. Whether a way crosses a line is the plane's to say.</summary>
public sealed class AnalyticsDryRunTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly object s_span = new { from = s_noon.AddDays(-6), to = s_noon.AddDays(1) };
    private static readonly object s_gate = new { id = "gate", name = "Gate", points = new[] { new[] { 0.5, 0.1 }, new[] { 0.5, 0.9 } } };

    private readonly List<TryRulesRequest> _asked = [];
    private ControlWorld _world = null!;
    private FakeAi _ai = null!;
    private string _door = "";

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _ai = new FakeAi(_world.Options);
        await _ai.StartAsync();
        _door = (await _world.AddCameraAsync("Door", new { recording = new { mode = "continuous", timeZone = "Europe/Berlin" } })).Text("id")!;
        _ai.Trial = request =>
        {
            _asked.Add(request);
            // Each crosses when it came, inwards.
            var reply = new TryRulesReply();
            reply.Findings.AddRange(request.Tracks.Select((t, i) => new PastFinding { Track = i, Type = "line.crossed", ShapeId = "gate", Direction = "in", AtUnixUs = t.Path[0].AtUnixUs }));
            return reply;
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _ai.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Objects_of_the_time_are_tried_with_their_ways_and_what_comes_of_it_is_told_by_hours_with_examples()
    {
        await StoreAsync("early", s_noon.AddHours(-49));
        await StoreAsync("late", s_noon, endAt: s_noon.AddSeconds(3), crop: Convert.ToBase64String([0xFF, 0xD8, 0xFF, 0xE0]));
        await StoreAsync("again", s_noon.AddMinutes(20));
        await StoreAsync("before", s_noon.AddDays(-7));
        await StoreAsync("bag", s_noon, type: "object.left");
        var elsewhere = (await _world.AddCameraAsync("Yard")).Text("id")!;
        await StoreAsync("elsewhere", s_noon, camera: elsewhere);

        var told = await TryAsync(new { lines = new[] { s_gate } });
        Assert.Equal(("3", "3", "True", "2", "0.8"), (told.Text("tracks"), told.Text("shapes.0.fired"), told.Text("complete"), told.Text("hoursSeen"), told.Text("leastConfidence")));
        Assert.Equal(s_noon.AddHours(-49), told.GetProperty("oldest").GetDateTimeOffset());
        var shape = told.GetProperty("shapes")[0];
        Assert.Equal(("gate", "line", "Gate", null, "in", "3"), (shape.Text("id"), shape.Text("kind"), shape.Text("name"), shape.Text("untried"), shape.Text("told.0.what"), shape.Text("told.0.fired")));
        Assert.Equal([(s_noon.AddHours(-49), 1), (s_noon, 2)], shape.GetProperty("hours").EnumerateArray().Select(h => (h.GetProperty("at").GetDateTimeOffset(), h.GetProperty("fired").GetInt32())));
        Assert.Equal(["again", "late", "early"], shape.GetProperty("samples").EnumerateArray().Select(s => s.Text("eventId")));
        using var crop = await _world.Http.GetAsync(shape.Text("samples.1.cropUrl"));
        Assert.Equal("image/jpeg", crop.Content.Headers.ContentType!.MediaType);

        var asked = Assert.Single(_asked);
        Assert.Equal(("Europe/Berlin", "gate", 0.8), (asked.Settings.TimeZone, Assert.Single(asked.Settings.Lines).Id, asked.Settings.MinConfidence));
        var late = asked.Tracks[1];
        Assert.Equal(("person", 0.9, s_noon.AddSeconds(3)), (late.Class, late.Score, DateTimeOffset.FromUnixTimeMilliseconds(late.EndUnixUs / 1000)));
        Assert.Equal((s_noon.AddSeconds(2), 0.7f, 0.8f, 0.1f, 0.3f), (DateTimeOffset.FromUnixTimeMilliseconds(late.Path[1].AtUnixUs / 1000), late.Path[1].X, late.Path[1].Y, late.Path[1].Width, late.Path[1].Height));
        Assert.Equal(0, asked.Tracks[0].EndUnixUs);
    }

    [Fact]
    public async Task What_cannot_be_tried_is_left_out_with_the_reason()
    {
        await StoreAsync("good", s_noon);
        await StoreAsync("none", s_noon.AddSeconds(1));
        await StoreAsync("blind", s_noon.AddSeconds(2), path: null);
        await StoreAsync("odd", s_noon.AddSeconds(3), path: new object[] { new object[] { 0, "a", 0.2 } });
        await StoreAsync("far", s_noon.AddSeconds(4), path: new[] { new[] { 0, 12.5, 0.2, 0.1, 0.1 } });
        await StoreAsync("old", s_noon.AddSeconds(5), path: new[] { new[] { 0, 0.1, 0.2 } });       // its points have no size
        await _world.Http.PatchAsync("/api/detections/none", """{"state":"false"}""");
        var always = _ai.Trial;
        _ai.Trial = request =>
        {
            var reply = always(request);
            reply.TooSmall = 1;
            return reply;
        };
        var told = await TryAsync(new
        {
            lines = new[] { s_gate },
            zones = new[] { new { id = "yard", name = "Yard", polygon = new[] { new[] { 0, 0 }, new[] { 1, 0 }, new[] { 1, 1 } }, presets = new[] { "1" } } },
        });
        Assert.Equal("1", told.Text("tracks"));
        Assert.Equal([("noPath", 3), ("markedFalse", 1), ("tooSmall", 1)], told.GetProperty("leftOut").EnumerateArray().Select(l => (l.Text("why"), l.GetProperty("tracks").GetInt32())));
        Assert.Equal(("yard", "presets", "0"), (told.Text("shapes.0.id"), told.Text("shapes.0.untried"), told.Text("shapes.0.fired")));
        Assert.Empty(Assert.Single(_asked).Settings.Zones);
        Assert.Equal((0.3f, 0.4f), (_asked[0].Tracks[0].Path[0].Width, _asked[0].Tracks[0].Path[0].Height));     // "old" has that of its event
    }

    [Fact]
    public async Task More_objects_than_a_page_has_are_each_tried_once()
    {
        await _world.ExecuteAsync($"""
            insert into control.event (id, at, type, camera_id, site_id, source, data, tenant_id)
            select 'many-' || n, '{s_noon:O}'::timestamptz - n / 2 * interval '1 minute', 'object.person', '{_door}', 'default', 'analytics',
                '{"{"}"class":"person","confidence":0.9,"path":[[0,0.3,0.8,0.1,0.3]]{"}"}', 'default' from generate_series(1, 612) n
            """);
        var told = await TryAsync(new { lines = new[] { s_gate } });
        Assert.Equal(("612", "612", "20"), (told.Text("tracks"), told.Text("shapes.0.fired"), told.GetProperty("shapes")[0].GetProperty("samples").GetArrayLength().ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(3, _asked.Count);
    }

    [Fact]
    public async Task Nothing_was_seen()
    {
        var told = await TryAsync(new { lines = new[] { s_gate } });
        Assert.Equal(("0", "0", null, "0"), (told.Text("tracks"), told.Text("shapes.0.fired"), told.Text("oldest"), told.Text("hoursSeen")));
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_and_an_absent_plane_is_said()
    {
        var address = $"/api/cameras/{_door}/analytics/dry-run";
        Assert.Equal(["analytics.zones:required"], (await _world.Http.PostAsync(address, new { analytics = new { } }, 400)).FieldCodes());
        Assert.Equal(["from:outOfRange", "analytics.lines[0].points:wrongCount"], (await _world.Http.PostAsync(
            address, new { from = s_noon.AddDays(-40), to = s_noon, analytics = new { lines = new[] { new { name = "L", points = new[] { new[] { 0.5, 0.5 } } } } } }, 400)).FieldCodes());
        await StoreAsync("good", s_noon);
        await _ai.DisposeAsync();
        Assert.Equal("planeUnavailable", (await TryAsync(new { lines = new[] { s_gate } }, 503)).Text("code"));
    }

    [Fact]
    public async Task Whoever_sets_the_camera_up_but_may_not_see_its_events_is_refused()
    {
        var role = await _world.AddRoleAsync("installer", Permissions.All.Where(p => p != Permissions.EventsRead));
        using var installer = _world.As("installer", (role, "tenant", null));
        var refused = await installer.PostAsync($"/api/cameras/{_door}/analytics/dry-run", new { analytics = new { lines = new[] { s_gate } } }, 403);
        Assert.Equal("forbidden", refused.Text("code"));
    }

    private Task<JsonElement> TryAsync(object analytics, int status = 200)
    {
        var body = JsonSerializer.SerializeToNode(s_span)!.AsObject();
        body["analytics"] = JsonSerializer.SerializeToNode(analytics);
        return _world.Http.PostAsync($"/api/cameras/{_door}/analytics/dry-run", body, status);
    }

    private Task StoreAsync(string id, DateTimeOffset at, DateTimeOffset? endAt = null, string type = "object.person", string? camera = null, string? crop = null) =>
        StoreAsync(id, at, new[] { new[] { 0, 0.3, 0.8, 0.1, 0.3 }, new[] { 2000, 0.7, 0.8, 0.1, 0.3 } }, endAt, type, camera, crop);

    private async Task StoreAsync(string id, DateTimeOffset at, object? path, DateTimeOffset? endAt = null, string type = "object.person", string? camera = null, string? crop = null)
    {
        var data = new { @class = "person", confidence = 0.9, box = new[] { 0.1, 0.2, 0.3, 0.4 }, thresholds = new { track = 0.3, @event = 0.8 }, path, crop };
        var message = JsonSerializer.SerializeToUtf8Bytes(new { id, type, cameraId = camera ?? _door, at, endAt, source = "analytics", data });
        await _world.Services.GetRequiredService<EventStore>().AddAsync([BusEvent.TryParse($"vms.events.default.{camera ?? _door}.{type}", message)!], default);
    }
}
