using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Bus;
using Vms.Contracts;
using Vms.Contracts.Ai;
using Vms.Control.Reconciliation;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features;

public sealed class AnalyticsTests
{
    private const string Zone = """
        { "id": "yard", "name": "Yard", "polygon": [[0.1,0.1],[0.5,0.1],[0.5,0.5]], "events": ["entered","loitering"], "loiterSeconds": 20,
          "schedule": { "timeZone": "Europe/Berlin", "spans": [{ "days": ["mon"], "from": "20:00", "to": "06:00" }] } }
        """;

    [Fact]
    public async Task Analyses_of_cameras_with_a_time_zone_are_asked_for_anew_by_the_update_that_tells_it()
    {
        await using var world = await ControlWorld.StartAsync();
        await AddAsync("told", new { enabled = true }, "Europe/Berlin");
        await AddAsync("no zone", new { enabled = true }, null);
        await AddAsync("not analysed", new { enabled = false }, "Europe/Berlin");
        await AddAsync("the camera's own", new { enabled = true, source = "camera" }, "Europe/Berlin");
        using var update = new StreamReader(typeof(Desired).Assembly.GetManifestResourceStream("Migrations.0023_time_zone_of_analysis.sql")!);
        await world.ExecuteAsync(await update.ReadToEndAsync());
        Assert.Equal("told 2 2", await world.ScalarAsync("select string_agg(name || ' ' || generation || ' ' || analysis_generation, ', ') from control.camera where generation > 1 or analysis_generation > 1"));

        Task AddAsync(string name, object analytics, string? timeZone) => world.AddCameraAsync(name, new { analytics, recording = new { mode = "continuous", timeZone } });
    }

    [Fact]
    public async Task The_models_that_there_are_can_be_listed_and_another_is_refused_while_somebody_knows()
    {
        await using var world = await ControlWorld.StartAsync();
        using var away = await world.Http.GetAsync("/api/ai/models");
        await away.ProblemAsync(503, "planeUnavailable");
        // Nobody can tell: it may be added later.
        var camera = (await world.AddCameraAsync("Yard", new { analytics = new { enabled = true, model = "soon" } })).Text("id")!;

        await using var ai = new FakeAi(world.Options)
        {
            Models = new ModelList
            {
                DefaultName = "centernet",
                Provider = "cpu",
                Models =
                {
                    new Model { Name = "centernet", Shipped = true, FindsObjects = true, Adapter = "centernet", Classes = { "person", "car" }, Width = 512, Height = 512, Sha256 = "ab", State = "ready" },
                    new Model { Name = "plates", Shipped = true, Adapter = "textReader", State = "idle" },
                    new Model { Name = "broken", State = "failed", Problem = "it is empty" },
                },
            },
        };
        await ai.StartAsync();
        await Eventually.TrueAsync(() => world.Services.GetRequiredService<ObservedState>().IsConnected("ai"));
        var models = await world.Http.GetJsonAsync("/api/ai/models");
        Assert.Equal(("centernet", "cpu", "centernet", "car", "ab", "ready", null, "it is empty"),
            (models.Text("default"), models.Text("provider"), models.Text("models.0.name"), models.Text("models.0.classes.1"), models.Text("models.0.sha256"), models.Text("models.0.state"),
                models.Text("models.0.problem"), models.Text("models.2.problem")));

        Assert.Equal(["analytics.model:modelNotFound"], (await world.Http.PatchAsync($"/api/cameras/{camera}", """{"analytics":{"model":"centrenet"}}""", 400)).FieldCodes());
        Assert.Equal(["analytics.model:findsNoObjects"], (await world.Http.PatchAsync($"/api/cameras/{camera}", """{"analytics":{"model":"plates"}}""", 400)).FieldCodes());
        Assert.Equal(["analytics.model:modelNotFound"], (await world.Http.PostAsync("/api/cameras", new { name = "x", mainUrl = "rtsp://10.0.0.8/x", analytics = new { model = "soon" } }, 400)).FieldCodes());
        await world.Http.PatchAsync($"/api/cameras/{camera}", """{"name":"Quay"}""");      // what was taken before stays
        await world.Http.PatchAsync($"/api/cameras/{camera}", """{"analytics":{"model":"centernet"}}""");

        // Of many cameras the plane is asked once, and about what it always has not at all.
        var other = (await world.AddCameraAsync("Gate")).Text("id")!;
        int asked = ai.ModelsAsked;
        var changed = await world.Http.PatchAsync("/api/cameras", $$"""{"ids":["{{camera}}","{{other}}"],"patch":{"analytics":{"model":"plates"} } }""");
        Assert.Equal(["analytics.model:findsNoObjects", "analytics.model:findsNoObjects"], changed.GetProperty("results").EnumerateArray().SelectMany(item => item.FieldCodes()));
        Assert.Equal(asked + 1, ai.ModelsAsked);
        await world.Http.PatchAsync("/api/cameras", $$"""{"ids":["{{camera}}","{{other}}"],"patch":{"analytics":{"model":"default","fps":2} } }""");
        Assert.Equal(asked + 1, ai.ModelsAsked);
    }

    [Fact]
    public async Task What_is_looked_for_is_kept_shown_and_asked_of_the_ai_plane()
    {
        await using var world = await ControlWorld.StartAsync();
        var id = (await world.AddCameraAsync("Door")).Text("id")!;
        var shown = (await world.Http.PatchAsync($"/api/cameras/{id}", $$"""
            { "analytics": { "enabled": true, "fps": 2, "classes": ["person", "vehicle"], "minConfidence": 0.7, "plates": true, "plateCountry": "DE",
              "motion": { "sensitivity": 70, "masks": [[[0,0],[0.2,0],[0.2,0.1],[0,0.1]]] },
              "zones": [{{Zone}}], "lines": [{ "name": "Gate", "points": [[0.1,0.9],[0.9,0.9]], "direction": "in" }], "leftObjects": { "enabled": true } } }
            """)).GetProperty("analytics");
        Assert.Equal("yard", shown.Text("zones.0.id"));
        Assert.Equal("in", shown.Text("lines.0.direction"));
        Assert.NotEmpty(shown.Text("lines.0.id")!);
        Assert.Equal("60", shown.Text("leftObjects.seconds"));
        Assert.Equal("0.3", shown.Text("trackConfidence"));

        // A patch of one member leaves the others; a list is replaced as a whole.
        shown = (await world.Http.PatchAsync($"/api/cameras/{id}", """{ "analytics": { "fps": 1, "zones": [] } }""")).GetProperty("analytics");
        Assert.Equal(("1", 0, 1), (shown.Text("fps"), shown.GetProperty("zones").GetArrayLength(), shown.GetProperty("lines").GetArrayLength()));

        var desired = world.Services.GetRequiredService<DesiredState>();
        await Eventually.TrueAsync(() => desired.Cameras?.GetValueOrDefault(id)?.Analysis?.Settings is { Fps: 1 });
        var spec = desired.Cameras![id].Analysis!;
        Assert.Equal(("main", "default", "DE", 70), (spec.Stream, spec.SiteId, spec.Settings.PlateCountry, spec.Settings.Motion.Sensitivity));
        Assert.Equal("Gate", Assert.Single(spec.Settings.Lines).Name);
        Assert.Equal(4, Assert.Single(spec.Settings.Motion.Masks).Points.Count);
    }

    [Theory]
    [InlineData("""{ "fps": 30 }""", "analytics.fps", "outOfRange")]
    [InlineData("""{ "source": "moon" }""", "analytics.source", "invalidValue")]
    [InlineData("""{ "stream": "sub" }""", "analytics.stream", "noSubStream")]
    [InlineData("""{ "minConfidence": 0.2, "trackConfidence": 0.5 }""", "analytics.trackConfidence", "aboveMinimum")]
    [InlineData("""{ "zones": [{ "name": "Z", "polygon": [[0,0],[1,1]] }] }""", "analytics.zones[0].polygon", "wrongCount")]
    [InlineData("""{ "zones": [{ "name": "Z", "polygon": [[0,0],[1.2,0],[1,1]] }] }""", "analytics.zones[0].polygon", "outOfRange")]
    [InlineData("""{ "zones": [{ "name": "Z", "polygon": [[0,0],[1,1],[1,0],[0,1]] }] }""", "analytics.zones[0].polygon", "selfCrossing")]
    [InlineData("""{ "zones": [{ "name": "Z", "polygon": [[0,0],[0.5,0.5],[1,1]] }] }""", "analytics.zones[0].polygon", "tooSmall")]
    [InlineData("""{ "zones": [{ "polygon": [[0,0],[1,0],[1,1]] }] }""", "analytics.zones[0].name", "required")]
    [InlineData("""{ "zones": [{ "name": "Z", "polygon": [[0,0],[1,0],[1,1]], "events": ["danced"] }] }""", "analytics.zones[0].events", "invalidValue")]
    [InlineData("""{ "lines": [{ "name": "L", "points": [[0.5,0.5]] }] }""", "analytics.lines[0].points", "wrongCount")]
    [InlineData("""{ "lines": [{ "name": "L", "points": [[0.5,0.5],[0.5,0.5]] }] }""", "analytics.lines[0].points", "tooSmall")]
    [InlineData("""{ "lines": [{ "id": "a", "name": "L", "points": [[0,0],[1,1]] }, { "id": "a", "name": "M", "points": [[0,0],[1,1]] }] }""", "analytics.lines[1].id", "duplicate")]
    [InlineData("""{ "lines": [{ "name": "L", "points": [[0,0],[1,1]], "schedule": { "spans": [{ "days": ["mon"], "from": "25:00", "to": "06:00" }] } }] }""", "analytics.lines[0].schedule.spans[0].from", "invalidValue")]
    [InlineData("""{ "motion": { "sensitivity": 101 } }""", "analytics.motion.sensitivity", "outOfRange")]
    public void What_makes_no_sense_is_refused_where_it_stands(string analytics, string field, string code)
    {
        var request = JsonSerializer.Deserialize<Vms.Control.Features.Cameras.AnalyticsRequest>(analytics, JsonSerializerOptions.Web);
        var problems = new List<Vms.Hosting.FieldProblem>();
        Vms.Control.Features.Cameras.AnalyticsRules.Check(request, hasSub: false, problems);
        var problem = Assert.Single(problems);
        Assert.Equal((field, code), (problem.Field, problem.Code));
    }

    [Fact]
    public void Too_many_shapes_are_refused()
    {
        var problems = new List<Vms.Hosting.FieldProblem>();
        var line = new Vms.Control.Features.Cameras.AnalyticsLine(Name: "L", Points: [[0, 0], [1, 1]]);
        Vms.Control.Features.Cameras.AnalyticsRules.Check(new(Lines: [.. Enumerable.Repeat(line, 33)]), hasSub: false, problems);
        Assert.Equal("tooMany", Assert.Single(problems).Code);
    }

    [Fact]
    public void A_row_from_before_there_was_anything_to_set_has_the_defaults()
    {
        var old = JsonSerializer.Deserialize<Vms.Control.Features.Cameras.AnalyticsSettings>("""{ "enabled": true }""", JsonSerializerOptions.Web)!;
        Assert.True(old.IsAnalysed);
        Assert.Equal((5, 0.8, "both"), (old.Fps, old.MinConfidence, old.Source));
        Assert.Equal("off", Vms.Control.Features.Cameras.AnalyticsView.Of(old, "off").State);
    }

    [Fact]
    public async Task Boxes_reach_those_who_asked_for_the_camera_and_may_see_it_live()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url });
        var id = (await world.AddCameraAsync("Door")).Text("id")!;
        var other = (await world.AddCameraAsync("Yard")).Text("id")!;
        using var feed = await FeedTests.OpenAsync(world);
        await FeedTests.SendAsync(feed, new { type = "tracks.watch", cameraIds = Enumerable.Repeat("x", 65) });
        Assert.Equal("invalidInput", (await FeedTests.UntilAsync(feed, m => m.Text("type") == "error")).Text("code"));
        await FeedTests.SendAsync(feed, new { type = "tracks.watch", cameraIds = new[] { id } });

        await using var bus = new BusConnection(
            new BusOptions { Url = nats.Url, ClientName = "test" }, Microsoft.Extensions.Logging.Abstractions.NullLogger<BusConnection>.Instance, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        using var wasHeard = new CancellationTokenSource();
        var running = bus.RunAsync(stop.Token);
        await bus.WaitUntilConnectedAsync(default);
        var publishing = Task.Run(async () =>
        {
            // Until it was heard: nobody says when the subscription stands.
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            do
            {
                await TellAsync(other);
                await TellAsync(id);
            }
            while (!wasHeard.IsCancellationRequested && await pace.WaitForNextTickAsync(CancellationToken.None));
        });
        var heard = await FeedTests.UntilAsync(feed, m => m.Text("type") == "tracks");
        Assert.Equal((id, "car"), (heard.Text("cameraId"), heard.Text("tracks.0.class")));
        await wasHeard.CancelAsync();
        await publishing;
        await stop.CancelAsync();
        await running;

        async Task TellAsync(string cameraId) => await bus.PublishAsync(
            BusLayout.TracksSubject("default", cameraId), Encoding.UTF8.GetBytes($$"""{"cameraId":"{{cameraId}}","stream":"main","at":1,"tracks":[{"id":"t","class":"car"}]}"""), null, null, default);
    }
}
