using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Auth;
using Vms.Control.Events;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features;

public sealed class RulesTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private ControlWorld _world = null!;
    private string _door = "";

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _door = (await _world.AddCameraAsync("Door", new { subUrl = "rtsp://192.0.2.7/sub" })).Text("id")!;
        // Those that every installation begins with are none of these tests' matter.
        foreach (var rule in (await _world.Http.GetJsonAsync("/api/rules")).GetProperty("items").EnumerateArray())
            (await _world.Http.DeleteAsync($"/api/rules/{rule.Text("id")}")).EnsureSuccessStatusCode();
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_rule_raises_one_alarm_for_an_event_however_often_it_arrives()
    {
        using var feed = await FeedTests.OpenAsync(_world);
        var rule = await AddAsync(new { types = new[] { "line.crossed" }, classes = new[] { "person" } }, new { type = "alarm", title = "Somebody at the gate", severity = "critical" }, new { type = "sound", sound = "siren" });
        await StoreAsync(_world, "car", s_noon, "line.crossed", new { @class = "car" });
        for (var i = 0; i < 3; i++)
            await StoreAsync(_world, "one", s_noon, "line.crossed", new { @class = "person", confidence = 0.93 }, s_noon.AddSeconds(i));

        var told = await FeedTests.UntilAsync(feed, m => m.Text("type") == "alarm");
        Assert.Equal(("Somebody at the gate", "critical", "open", "one", "Door", rule),
            (told.Text("alarm.title"), told.Text("alarm.severity"), told.Text("alarm.state"), told.Text("alarm.eventId"), told.Text("alarm.cameraName"), told.Text("alarm.ruleId")));
        Assert.Equal("siren", (await FeedTests.UntilAsync(feed, m => m.Text("type") == "sound")).Text("sound"));
        Assert.Equal(told.Text("alarm.id"), Assert.Single((await _world.Http.GetJsonAsync("/api/alarms")).GetProperty("items").EnumerateArray()).Text("id"));
    }

    [Fact]
    public async Task What_others_are_told_is_in_the_outbox_with_the_event_and_once()
    {
        using var feed = await FeedTests.OpenAsync(_world);
        var hook = (await _world.Http.PostAsync("/api/webhooks", new { name = "Gate", url = "https://192.0.2.1/hook" }, 201)).Text("webhook.id")!;
        var rule = await AddAsync(
            new { types = new[] { "object.*" }, minConfidence = 0.8 }, new { type = "webhook", webhookId = hook }, new { type = "email", to = new[] { "a@example.org", "b@example.org" } },
            new { type = "mqtt" }, new { type = "push" });
        await StoreAsync(_world, "unsure", s_noon, "object.person", new { @class = "person", confidence = 0.5 });
        await StoreAsync(_world, "sure", s_noon, "object.vehicle", new { @class = "car", confidence = 0.9 });
        await StoreAsync(_world, "sure", s_noon, "object.vehicle", new { @class = "truck", confidence = 0.9 }, s_noon.AddSeconds(9));
        Assert.Equal(
            $"email:a@example.org email:b@example.org mqtt:rules/{rule} push:{await _world.ScalarAsync("select id::text from control.account where username = 'admin'")} webhook:{hook}",
            await _world.ScalarAsync($"select string_agg(channel || ':' || target, ' ' order by channel, target) from control.outbox where rule_id = '{rule}' and event_id = 'sure'"));
        Assert.Equal(5L, await _world.ScalarAsync("select count(*) from control.outbox"));
        // A click on what a user is told leads to the event. (What was delivered has no body in the outbox any more: the window was told.)
        Assert.Equal(
            $"/events?event=sure&at={Uri.EscapeDataString(s_noon.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null))}",
            (await ToldAsync(feed)).Text("url"));
        // The event itself knows better now.
        Assert.Equal("truck", (await _world.Http.GetJsonAsync("/api/events?type=object.vehicle")).Text("items.0.class"));
    }

    [Fact]
    public async Task Who_is_in_two_actions_of_a_rule_hears_of_both_unless_they_say_the_same()
    {
        var rule = await AddAsync(
            new { types = new[] { "motion" } }, new { type = "push", title = "Everybody" }, new { type = "push", title = "For you", to = new[] { "admin" } }, new { type = "push", title = "Everybody", to = new[] { "admin" } });
        using var feed = await FeedTests.OpenAsync(_world);
        await StoreAsync(_world, "one", s_noon, "motion", new { });
        Assert.Equal($"{rule}, {rule}#a2", await _world.ScalarAsync("select string_agg(rule_id, ', ' order by rule_id) from control.outbox where event_id = 'one'"));
        JsonElement[] told = [await ToldAsync(feed), await ToldAsync(feed)];
        Assert.Equal(["Everybody", "For you"], told.Select(t => t.Text("title")).Order(StringComparer.Ordinal));
        Assert.NotEqual(told[0].Text("id"), told[1].Text("id"));        // the second does not take the place of the first
    }

    [Fact]
    public async Task A_cool_down_counts_for_each_camera_and_over_a_restart()
    {
        await using var postgres = await PrivatePostgres.StartAsync(durable: true);
        var settings = new WorldSettings { Postgres = await postgres.CreateDatabaseAsync() };
        var (door, gate) = ("", "");
        await using (var first = await ControlWorld.StartAsync(settings))
        {
            (door, gate) = ((await first.AddCameraAsync("Door")).Text("id")!, (await first.AddCameraAsync("Gate")).Text("id")!);
            await first.Http.PostAsync("/api/rules", new { name = "r", when = new { types = new[] { "motion" } }, cooldownSeconds = 60, actions = new[] { new { type = "alarm" } } }, 201);
            await StoreAsync(first, "a", s_noon, "motion", camera: door);
            await StoreAsync(first, "b", s_noon.AddSeconds(59), "motion", camera: door);
            await StoreAsync(first, "c", s_noon.AddSeconds(1), "motion", camera: gate);
        }

        await using var second = await ControlWorld.StartAsync(settings with { AdminPassword = null, WaitUntilReady = false });
        await Eventually.TrueAsync(async () => (long)(await second.ScalarAsync("select count(*) from control.alarm"))! == 2);
        await StoreAsync(second, "d", s_noon.AddSeconds(30), "motion", camera: door);
        await StoreAsync(second, "e", s_noon.AddSeconds(61), "motion", camera: door);
        Assert.Equal("a c e", await second.ScalarAsync("select string_agg(event_id, ' ' order by event_id) from control.alarm"));
    }

    [Theory]
    [InlineData("""{"types":["zone.entered"],"zones":["Yard"]}""", "zone.entered", """{"zone":"Yard"}""", true)]
    [InlineData("""{"types":["zone.entered"],"zones":["Yard"]}""", "zone.entered", """{"zone":"Gate"}""", false)]
    [InlineData("""{"types":["line.crossed"],"expression":"data.direction == 'in' and data.count > 3"}""", "line.crossed", """{"direction":"in","count":4}""", true)]
    [InlineData("""{"types":["line.crossed"],"expression":"data.direction == 'in' and data.count > 3"}""", "line.crossed", """{"direction":"in","count":"many"}""", false)]
    [InlineData("""{"types":["line.crossed"],"expression":"data.direction == 'in' and data.count > 3"}""", "line.crossed", """{}""", false)]
    [InlineData("""{"types":["*"],"expression":"not (class in ('car', 'truck')) && confidence >= 0.5"}""", "object.person", """{"class":"person","confidence":0.5}""", true)]
    [InlineData("""{"types":["plate.read"],"plates":"B-AB *"}""", "plate.read", """{"plate":"BAB123"}""", true)]
    [InlineData("""{"types":["plate.read"],"plates":"list:Staff"}""", "plate.read", """{"plate":"B AB 1"}""", true)]
    [InlineData("""{"types":["plate.read"],"plates":"list:staff"}""", "plate.read", """{"plate":"M-XY 77"}""", true)]
    [InlineData("""{"types":["plate.read"],"plates":"!list:staff"}""", "plate.read", """{"plate":"M XY 77"}""", false)]
    [InlineData("""{"types":["plate.read"],"plates":"!list:staff"}""", "plate.read", """{"plate":"BAB1"}""", false)]
    [InlineData("""{"types":["plate.read"],"plates":"!list:staff"}""", "plate.read", """{"plate":"XX9"}""", true)]
    [InlineData("""{"types":["motion"],"schedule":{"timeZone":"Europe/Berlin","spans":[{"days":["sat"],"from":"12:30","to":"13:30"}]}}""", "motion", """{}""", true)]
    [InlineData("""{"types":["motion"],"schedule":{"timeZone":"UTC","spans":[{"days":["sat"],"from":"12:30","to":"13:30"}]}}""", "motion", """{}""", false)]
    [InlineData("""{"types":["motion"],"schedule":{"timeZone":"UTC","spans":[{"days":["fri"],"from":"22:00","to":"12:30"}]}}""", "motion", """{}""", true)]
    public async Task All_of_a_condition_has_to_be_true(string when, string type, string data, bool fires)
    {
        await _world.Http.PostAsync("/api/plate-lists", new { name = "Staff", entries = new[] { new { plate = "b-ab 1" }, new { plate = "m-xy *" } } }, 201);
        await _world.Http.PostAsync("/api/rules", new { name = "r", when = JsonDocument.Parse(when).RootElement, actions = new[] { new { type = "alarm" } } }, 201);
        await StoreAsync(_world, "e", s_noon, type, JsonDocument.Parse(data).RootElement);
        Assert.Equal(fires ? 1L : 0L, await _world.ScalarAsync("select count(*) from control.alarm"));
        // What it would have done says the dry run of the same rule.
        var dry = await _world.Http.PostAsync(
            "/api/rules/dry-run", new { when = JsonDocument.Parse(when).RootElement, actions = Array.Empty<object>(), from = s_noon.AddHours(-1), to = s_noon.AddHours(1) });
        Assert.Equal((fires ? "1" : "0", "1"), (dry.Text("fired"), dry.Text("evaluated")));
    }

    [Theory]
    [InlineData("object.person", """{"types":["object.person"],"minConfidence":0.9}""", """{"confidence":0.81}""", """{"confidence":0.95}""")]
    [InlineData("object.vehicle", """{"types":["object.*"],"plates":"list:Staff"}""", """{"class":"car"}""", """{"plate":"BAB1"}""")]
    [InlineData("object.vehicle", """{"types":["object.*"],"expression":"data.seconds > 10"}""", """{"seconds":1}""", """{"seconds":11}""")]
    public async Task A_rule_that_an_event_meets_when_more_is_known_of_it_does_something_then_and_once_also_over_a_restart(string type, string when, string first, string later)
    {
        await _world.Http.PostAsync("/api/plate-lists", new { name = "Staff", entries = new[] { new { plate = "B-AB 1" } } }, 201);
        var condition = JsonDocument.Parse(when).RootElement;
        await AddAsync(condition, new { type = "alarm" }, new { type = "mqtt" });
        await TellAsync(_world, first, null);
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.alarm"));
        await TellAsync(_world, first, 1);
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.alarm"));
        await TellAsync(_world, later, 2);
        Assert.Equal("e", await _world.ScalarAsync("select string_agg(event_id, ' ') from control.alarm"));
        Assert.Equal(1L, await _world.ScalarAsync("select count(*) from control.outbox"));
        var dry = await _world.Http.PostAsync("/api/rules/dry-run", new { when = condition, actions = Array.Empty<object>(), from = s_noon.AddHours(-1), to = s_noon.AddHours(1) });
        Assert.Equal("1", dry.Text("fired"));

        // What was done is no reason for not doing it again: that the rule was met before is.
        await _world.ExecuteAsync("delete from control.alarm");
        await _world.ExecuteAsync("delete from control.outbox");
        await TellAsync(_world, later, 3);
        await using var second = await ControlWorld.StartAsync(new WorldSettings { Postgres = _world.ConnectionString, AdminPassword = null, WaitUntilReady = false });
        await Eventually.TrueAsync(() => second.Services.GetRequiredService<RightsState>().Current is not null);
        await TellAsync(second, later, 4);
        Assert.Equal("0 0", await _world.ScalarAsync("select (select count(*) from control.alarm) || ' ' || (select count(*) from control.outbox)"));

        Task TellAsync(ControlWorld world, string data, int? seconds) =>
            StoreAsync(world, "e", s_noon, type, JsonDocument.Parse(data).RootElement, seconds is { } end ? s_noon.AddSeconds(end) : null);
    }

    [Fact]
    public async Task An_event_that_a_cool_down_kept_a_rule_from_stays_so_when_it_is_told_again()
    {
        await _world.Http.PostAsync(
            "/api/rules", new { name = "r", when = new { types = new[] { "motion" } }, cooldownSeconds = 60, actions = new[] { new { type = "alarm" } } }, 201);
        await StoreAsync(_world, "a", s_noon, "motion");
        await StoreAsync(_world, "b", s_noon.AddSeconds(30), "motion");
        await StoreAsync(_world, "c", s_noon.AddSeconds(130), "motion");
        await StoreAsync(_world, "b", s_noon.AddSeconds(30), "motion", endAt: s_noon.AddSeconds(140));
        Assert.Equal("a c", await _world.ScalarAsync("select string_agg(event_id, ' ' order by event_id) from control.alarm"));
    }

    [Fact]
    public async Task A_dry_run_counts_with_the_cool_down_and_does_nothing()
    {
        for (var i = 0; i < 10; i++)
            await StoreAsync(_world, $"e{i}", s_noon.AddSeconds(i * 10), "motion");
        var dry = await _world.Http.PostAsync(
            "/api/rules/dry-run",
            new { when = new { types = new[] { "motion" } }, cooldownSeconds = 30, actions = new[] { new { type = "alarm" } }, from = s_noon, to = s_noon.AddMinutes(5) });
        Assert.Equal(("4", "10", "true", "e9"), (dry.Text("fired"), dry.Text("evaluated"), dry.Text("complete")?.ToLowerInvariant(), dry.Text("samples.0.eventId")));
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.alarm"));
    }

    [Fact]
    public async Task A_dry_run_says_when_it_would_have_fired_and_why_not_for_the_rest()
    {
        foreach (var (id, minute, data) in new[] { ("a", 0, """{"class":"person"}"""), ("b", 1, """{"class":"car"}"""), ("c", 2, """{"class":"person"}"""), ("d", 90, """{"class":"person"}""") })
            await StoreAsync(_world, id, s_noon.AddMinutes(minute), "object.seen", JsonDocument.Parse(data).RootElement);
        await StoreAsync(_world, "other", s_noon, "motion");
        var dry = await _world.Http.PostAsync("/api/rules/dry-run", new
        {
            when = new { types = new[] { "object.*" }, classes = new[] { "person" } },
            cooldownSeconds = 600,
            actions = Array.Empty<object>(),
            from = s_noon,
            to = s_noon.AddHours(2),
        });
        Assert.Equal(("2", "4"), (dry.Text("fired"), dry.Text("evaluated")));
        var why = dry.GetProperty("leftOut").EnumerateArray().Select(l => $"{l.Text("why")}:{l.Text("events")}").Order();
        Assert.Equal("class:1 cooldown:1", string.Join(' ', why));
        var hours = dry.GetProperty("hours").EnumerateArray().Select(h => $"{(h.GetProperty("at").GetDateTimeOffset() - s_noon).TotalHours}:{h.Text("fired")}");
        Assert.Equal("0:1 1:1", string.Join(' ', hours));
    }

    [Fact]
    public async Task A_list_of_rules_says_when_each_fired_last_and_how_often_in_the_week()
    {
        var rule = await AddAsync(new { types = new[] { "motion" } }, new { type = "alarm" });
        Assert.Equal((null, "0"), await FiredAsync());
        var now = DateTimeOffset.UtcNow;
        foreach (var (id, at) in new[] { ("old", now.AddDays(-20)), ("a", now.AddDays(-2)), ("b", now.AddMinutes(-1)) })
            await StoreAsync(_world, id, at, "motion");
        var (last, week) = await FiredAsync();
        Assert.Equal("2", week);
        Assert.Equal(now.AddMinutes(-1), DateTimeOffset.Parse(last!, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromMilliseconds(1));
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await _world.Http.DeleteAsync($"/api/rules/{rule}")).StatusCode);
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.rule_day"));

        async Task<(string? Last, string? Week)> FiredAsync()
        {
            var rules = await _world.Http.GetJsonAsync("/api/rules");
            var found = rules.GetProperty("items").EnumerateArray().Single(r => r.Text("id") == rule);
            return (found.Text("lastFiredAt"), found.Text("firedLastWeek"));
        }
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "when.types:required")]
    [InlineData("""{"name":"","when":{"types":["a"]}}""", "name:required")]
    [InlineData("""{"name":"x","when":{"types":["a*b"]}}""", "when.types:invalidValue")]
    [InlineData("""{"name":"x","when":{"types":["a"],"minConfidence":2}}""", "when.minConfidence:outOfRange")]
    [InlineData("""{"name":"x","when":{"types":["a"],"expression":"Pow(2, 3) > 1"}}""", "when.expression:invalidExpression")]
    [InlineData("""{"name":"x","when":{"types":["a"],"expression":"5! > 1"}}""", "when.expression:invalidExpression")]
    [InlineData("""{"name":"x","when":{"types":["a"],"expression":"secret == 1"}}""", "when.expression:invalidExpression")]
    [InlineData("""{"name":"x","when":{"types":["a"],"expression":"class == 'x' and"}}""", "when.expression:invalidExpression")]
    [InlineData("""{"name":"x","when":{"types":["a"],"schedule":{"timeZone":"Mars/Base","spans":[]}}}""", "when.schedule.timeZone:unknownTimeZone when.schedule.spans:invalidValue")]
    [InlineData("""{"name":"x","when":{"types":["a"]},"actions":[{"type":"dance"},{"type":"webhook"},{"type":"email","to":["nobody"]}]}""", "actions[0].type:invalidValue actions[1].webhookId:required actions[2].to:invalidValue")]
    [InlineData("""{"name":"x","when":{"types":["a"],"cameraIds":["nowhere"]}}""", "when.cameraIds:cameraNotFound")]
    [InlineData("""{"name":"x","siteId":"mars","when":{"types":["a"],"groupIds":["none"],"plates":"!list:Stuff"}}""", "siteId:siteNotFound when.groupIds:groupNotFound when.plates:plateListNotFound")]
    [InlineData("""{"name":"x","when":{"types":["a"]},"actions":[{"type":"sound"},{"type":"webhook","webhookId":"gone"},{"type":"push","to":["ADMIN","amdin"]},{"type":"record","cameraId":"nowhere"}]}""",
        "actions[3].cameraId:cameraNotFound actions[1].webhookId:webhookNotFound actions[2].to:userNotFound")]
    [InlineData("""{"name":"x","when":{"types":["a"]},"actions":[{"type":"alarm","escalation":[{"afterMinutes":5,"channel":"push","target":"amdin"},{"afterMinutes":5,"channel":"webhook","target":"gone"}]}]}""",
        "actions[0].escalation:webhookNotFound actions[0].escalation:userNotFound")]
    [InlineData("""{"name":"x","when":{"types":["a"]},"actions":[{"type":"alarm","escalation":[{"afterMinutes":5,"channel":"email","target":"amdin"}]}]}""", "actions[0].escalation:invalidValue")]
    public async Task What_makes_no_sense_is_refused_by_field(string rule, string fields) =>
        Assert.Equal(fields, string.Join(' ', (await _world.Http.PostAsync("/api/rules", JsonDocument.Parse(rule).RootElement, 400)).FieldCodes()));

    [Fact]
    public async Task A_rule_can_be_switched_off_though_something_that_it_names_is_gone()
    {
        var list = (await _world.Http.PostAsync("/api/plate-lists", new { name = "Staff", entries = new[] { new { plate = "b-ab 1" } } }, 201)).Text("id")!;
        var rule = await AddAsync(new { types = new[] { "object.vehicle" }, plates = "list:STAFF" }, new { type = "push", to = new[] { "Admin" } });
        (await _world.Http.DeleteAsync($"/api/plate-lists/{list}")).EnsureSuccessStatusCode();
        await _world.Http.PatchAsync($"/api/rules/{rule}", """{"enabled":false}""");
        Assert.Equal(["when.plates:plateListNotFound"], (await _world.Http.PatchAsync($"/api/rules/{rule}", """{"when":{"plates":"list:guests"}}""", 400)).FieldCodes());
    }

    [Theory]
    [InlineData("list:Staff")]
    [InlineData("!list:Staff")]
    public async Task A_rule_about_a_list_that_is_gone_does_nothing(string plates)
    {
        var list = (await _world.Http.PostAsync("/api/plate-lists", new { name = "Staff", entries = new[] { new { plate = "b-ab 1" } } }, 201)).Text("id")!;
        await AddAsync(new { types = new[] { "plate.read" }, plates }, new { type = "alarm" });
        (await _world.Http.DeleteAsync($"/api/plate-lists/{list}")).EnsureSuccessStatusCode();
        foreach (var plate in new[] { "BAB1", "XX9" })
            await StoreAsync(_world, plate, s_noon, "plate.read", new { plate });
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.alarm"));
    }

    [Fact]
    public async Task Names_of_lists_and_users_with_umlauts_are_found_where_the_database_knows_only_plain_letters()
    {
        // As the product's own database is.
        var plain = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync("template template0 lc_collate 'C' lc_ctype 'C'");
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Postgres = plain });
        world.BearerOf("özil", "operator");
        foreach (var (name, plate) in new[] { ("Ärzte", "b-ab 1"), ("ärzte", "b-ab 2") })       // two lists to the database, and one to people
            await world.Http.PostAsync("/api/plate-lists", new { name, entries = new[] { new { plate } } }, 201);
        foreach (var (name, plates) in new[] { ("in", "list:ÄRZTE"), ("not", "!list:Ärzte") })
        {
            await world.Http.PostAsync(
                "/api/rules", new { name, when = new { types = new[] { "plate.read" }, plates }, actions = new object[] { new { type = "alarm", title = name }, new { type = "push", to = new[] { "ÖZIL" } } } }, 201);
        }

        foreach (var plate in new[] { "BAB1", "BAB2", "XX9" })
            await StoreAsync(world, plate, s_noon, "plate.read", new { plate });
        Assert.Equal("BAB1 in|BAB2 in|XX9 not", await world.ScalarAsync("select string_agg(event_id || ' ' || title, '|' order by event_id collate \"C\") from control.alarm"));
        var dry = await world.Http.PostAsync(
            "/api/rules/dry-run", new { when = new { types = new[] { "plate.read" }, plates = "list:Ärzte" }, actions = Array.Empty<object>(), from = s_noon.AddHours(-1), to = s_noon.AddHours(1) });
        Assert.Equal("2", dry.Text("fired"));
        Assert.Equal("özil", (await world.Http.PostAsync("/api/alarms/" + await world.ScalarAsync("select id from control.alarm where event_id = 'XX9'") + "/assign", new { assignedTo = "Özil" })).Text("assignedTo"));
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59Z")]
    public async Task A_dry_run_of_a_time_beyond_all_calendars_is_refused(string to) =>
        Assert.Equal(["to:outOfRange"], (await _world.Http.PostAsync("/api/rules/dry-run", new { when = new { types = new[] { "motion" } }, actions = Array.Empty<object>(), to }, 400)).FieldCodes());

    [Fact]
    public async Task A_rule_is_changed_from_the_next_event_on_and_only_by_who_read_it()
    {
        var rule = await AddAsync(new { types = new[] { "motion" } }, new { type = "alarm" });
        await StoreAsync(_world, "a", s_noon, "motion");
        using var read = await _world.Http.GetAsync($"/api/rules/{rule}");
        var tag = read.Headers.ETag!;
        Assert.Equal("false", (await _world.Http.PatchAsync($"/api/rules/{rule}", """{"enabled":false}""")).Text("enabled")?.ToLowerInvariant());
        await StoreAsync(_world, "b", s_noon.AddSeconds(1), "motion");
        using var late = new HttpRequestMessage(HttpMethod.Delete, $"/api/rules/{rule}");
        late.Headers.IfMatch.Add(tag);
        using var refused = await _world.Http.SendAsync(late);
        await refused.ProblemAsync(412, "changedMeanwhile");
        Assert.Equal("a", await _world.ScalarAsync("select string_agg(event_id, ' ') from control.alarm"));
    }

    [Fact]
    public async Task Every_tenant_begins_with_rules_about_its_own_health()
    {
        await using var world = await ControlWorld.StartAsync();
        // Before anything has happened.
        Assert.Contains("Camera offline", (await world.Http.GetJsonAsync("/api/rules")).GetProperty("items").EnumerateArray().Select(r => r.Text("name")));
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        await StoreAsync(world, "gone", s_noon, "camera.unreachable", camera: camera);
        Assert.Equal("Camera offline", (await world.Http.GetJsonAsync("/api/alarms")).Text("items.0.title"));
    }

    private static Task<JsonElement> ToldAsync(ClientWebSocket feed) => FeedTests.UntilAsync(feed, m => m.Text("type") == "notification");

    private async Task<string> AddAsync(object when, params object[] actions) =>
        (await _world.Http.PostAsync("/api/rules", new { name = "Rule", when, actions }, 201)).Text("id")!;

    private async Task StoreAsync(ControlWorld world, string id, DateTimeOffset at, string type, object? data = null, DateTimeOffset? endAt = null, string? camera = null) =>
        await world.Services.GetRequiredService<EventStore>().AddAsync(
            [new BusEvent(id, type, camera ?? (_door.Length > 0 ? _door : null), "default", at, endAt, "test", JsonSerializer.Serialize(data ?? new { }))], default);
}
