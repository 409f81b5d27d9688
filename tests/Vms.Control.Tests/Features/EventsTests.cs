using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Auth;
using Vms.Control.Events;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features;

public sealed class EventsTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_event_has_its_effect_once_however_often_it_arrives()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url });
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        using var feed = await FeedTests.OpenAsync(world);

        for (var i = 0; i < 3; i++)
            await PublishAsync(world, "one", camera, "camera.offline", s_noon, messageId: $"one-{i}");   // different message ids: the server stores all three
        await PublishAsync(world, "two", camera, "recording.gap", s_noon.AddSeconds(1), messageId: "two");

        var first = await FeedTests.UntilAsync(feed, m => m.Text("type") == "event");
        Assert.Equal(("one", "Door", "Default site", "unreachable"),
            (first.Text("event.id"), first.Text("event.cameraName"), first.Text("event.siteName"), first.Text("event.data.reason")));
        var second = await FeedTests.UntilAsync(feed, m => m.Text("type") == "event");
        Assert.Equal("two", second.Text("event.id"));   // nothing was told twice in between
        Assert.Equal(2L, await world.ScalarAsync("select count(*) from control.event"));
    }

    [Fact]
    public async Task A_message_that_is_no_event_stops_nothing()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url });
        var bus = world.Services.GetRequiredService<BusConnection>();
        await bus.WaitUntilConnectedAsync(default);
        // The last one only the database finds out about.
        foreach (var nonsense in new[]
        {
            """{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","data":{"n":"a\u0000b"}}""", """{"id":"x","type":"t","at":"2026-11-21T12:00:00Z","data":{"n":1e-400000}}""", "not json", "{}", """{"id":"x","type":"t"}""", """{"id":"x","type":"t","at":"yesterday"}""", "[1]", "",
        })
            await PublishRawAsync(world, "vms.events.default._.x", nonsense);
        await PublishAsync(world, "good", "", "storage.full", s_noon);
        await Eventually.TrueAsync(async () => (long)(await world.ScalarAsync("select count(*) from control.event"))! == 1);
        Assert.Null((await world.Http.GetJsonAsync("/api/events")).Text("items.0.cameraId"));
    }

    [Fact]
    public async Task What_happens_at_a_site_of_another_tenant_is_neither_told_nor_shown_whatever_a_message_claims()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url });
        var own = (await world.AddCameraAsync("Door")).Text("id")!;
        var foreign = await world.AddTenantAsync("neighbour");
        using var neighbour = world.Anonymous();
        neighbour.DefaultRequestHeaders.Authorization = world.BearerOf("neighbour", "nora", ("admin", "tenant", null));
        using var here = await FeedTests.OpenAsync(world);
        using var there = await FeedTests.OpenAsync(world, neighbour);

        await PublishAsync(world, "site-there", "", "storage.full", s_noon, site: "neighbour-site");
        await PublishAsync(world, "camera-there", foreign, "motion", s_noon.AddSeconds(1), site: "neighbour-site");
        // A camera belongs to one tenant, whichever site a subject has.
        await PublishAsync(world, "wrong-here", foreign, "motion", s_noon.AddSeconds(2), site: "default");
        await PublishAsync(world, "wrong-there", own, "motion", s_noon.AddSeconds(3), site: "neighbour-site");
        await PublishAsync(world, "site-here", "", "storage.full", s_noon.AddSeconds(4));
        await PublishAsync(world, "end-there", foreign, "motion", s_noon.AddSeconds(5), site: "neighbour-site");

        // In their order: between two nothing was told.
        await ToldAsync(here, [("wrong-there", "Default site"), ("site-here", "Default site")]);
        await ToldAsync(there, [("site-there", "Site of neighbour"), ("camera-there", "Site of neighbour"), ("wrong-here", "Site of neighbour"), ("end-there", "Site of neighbour")]);
        Assert.Equal(["site-here", "wrong-there"], await ShownAsync(world.Http));
        Assert.Equal(["end-there", "wrong-here", "camera-there", "site-there"], await ShownAsync(neighbour));

        static async Task ToldAsync(System.Net.WebSockets.ClientWebSocket feed, (string Id, string Site)[] events)
        {
            foreach (var expected in events)
            {
                var told = await FeedTests.UntilAsync(feed, m => m.Text("type") == "event");
                Assert.Equal(expected, (told.Text("event.id")!, told.Text("event.siteName")!));
            }
        }

        static async Task<IEnumerable<string?>> ShownAsync(HttpClient client) =>
            (await client.GetJsonAsync("/api/events")).GetProperty("items").EnumerateArray().Select(e => e.Text("id"));
    }

    [Fact]
    public async Task Events_that_happen_while_the_database_is_away_arrive_when_it_is_back()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var postgres = await PrivatePostgres.StartAsync(durable: true);
        await using var world = await ControlWorld.StartAsync(
            new WorldSettings { Nats = nats.Url, Postgres = await postgres.CreateDatabaseAsync() });
        await PublishAsync(world, "before", "c", "camera.offline", s_noon);
        await Eventually.TrueAsync(async () => (long)(await world.ScalarAsync("select count(*) from control.event"))! == 1);

        await postgres.KillAsync();
        for (var i = 0; i < 20; i++)
            await PublishAsync(world, $"during-{i}", "c", "camera.online", s_noon.AddSeconds(i));
        using var away = await world.Http.GetAsync("/api/events");
        await away.ProblemAsync(503, "databaseUnavailable");
        Assert.NotNull(away.Headers.RetryAfter);

        await postgres.RestartAsync();
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await world.Http.GetAsync("/api/events?type=camera.online");
            return answer.IsSuccessStatusCode && (await answer.JsonAsync()).GetProperty("items").GetArrayLength() == 20;
        });
    }

    [Fact]
    public async Task Events_of_a_camera_are_stored_in_their_order_also_after_the_database_was_away()
    {
        const int Cameras = 3;
        const int Count = 1500;     // several batches
        await using var nats = await PrivateNats.StartAsync();
        await using var postgres = await PrivatePostgres.StartAsync(durable: true);
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url, Postgres = await postgres.CreateDatabaseAsync() });
        await PublishAsync(world, "before", "c0", "motion", s_noon);
        await Eventually.TrueAsync(async () => (long)(await world.ScalarAsync("select count(*) from control.event"))! == 1);

        await postgres.KillAsync();
        for (var i = 0; i < Count; i++)
            await PublishAsync(world, $"{i:0000}", $"c{i % Cameras}", "motion", s_noon.AddSeconds(1 + i));
        await postgres.RestartAsync();

        await using var database = NpgsqlDataSource.Create(world.ConnectionString);
        await Eventually.TrueAsync(async () => await CountAsync("select count(*) from control.event") == Count + 1, TimeSpan.FromMinutes(3));
        // The number of the transaction says which were stored before which.
        Assert.InRange(await CountAsync("select count(distinct xmin::text) from control.event"), 4, Count);
        Assert.Equal(0, await CountAsync("""
            select count(*) from (select xmin::text::bigint as stored, lag(xmin::text::bigint) over (partition by camera_id order by at) as before from control.event) e where stored < before
            """));

        async Task<long> CountAsync(string sql)
        {
            await using var command = database.CreateCommand(sql);
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    [Fact]
    public async Task What_the_bus_dropped_while_the_database_was_away_is_told_and_counted()
    {
        const int Count = 1200;     // more than are held in memory and on the bus together
        await using var nats = await PrivateNats.StartAsync();
        await using var postgres = await PrivatePostgres.StartAsync(durable: true);
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url, Postgres = await postgres.CreateDatabaseAsync() });
        await PublishAsync(world, "before", "c", "motion", s_noon);
        await Eventually.TrueAsync(async () => (long)(await world.ScalarAsync("select count(*) from control.event"))! == 1);
        await world.Services.GetRequiredService<BusConnection>().JetStream.EnsureStreamAsync(
            new StreamConfig { Name = BusLayout.EventStream, Subjects = [BusLayout.EventSubjects], MaxMsgs = 100 }, default);

        await postgres.KillAsync();
        for (var i = 0; i < Count; i++)
            await PublishAsync(world, $"{i:0000}", "c", "motion", s_noon.AddSeconds(1 + i));
        await postgres.RestartAsync();

        await using var database = NpgsqlDataSource.Create(world.ConnectionString);
        await Eventually.TrueAsync(async () => await NumberAsync($"select count(*) from control.event where id = '{Count - 1:0000}'") == 1, TimeSpan.FromSeconds(60));
        var lost = await NumberAsync("select (data ->> 'count')::bigint from control.event where type = 'system.eventsLost'");
        Assert.InRange(lost, Count - 100 - 500, Count - 100);
        Assert.Equal(Count + 1, lost + await NumberAsync("select count(*) from control.event where type = 'motion'"));
        Assert.Equal(1, await NumberAsync("select count(*) from control.event where type = 'system.eventsLost' and data ->> 'reason' = 'full' and (data ->> 'from')::timestamptz < at"));
        Assert.Equal(1, await NumberAsync("select count(*) from control.alarm where event_type = 'system.eventsLost' and severity = 'critical'"));

        async Task<long> NumberAsync(string sql)
        {
            await using var command = database.CreateCommand(sql);
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    [Fact]
    public async Task What_waited_on_the_bus_meets_rules_when_groups_and_readers_are_known_and_not_before()
    {
        await using var nats = await PrivateNats.StartAsync();
        using var directory = new TestDirectory();
        var settings = new WorldSettings { Nats = nats.Url, Directory = directory };
        string camera;
        await using (var first = await ControlWorld.StartAsync(settings))
        {
            settings = settings with { Postgres = first.ConnectionString, WaitUntilReady = false };
            camera = (await first.AddCameraAsync("Door")).Text("id")!;
            var group = (await first.Http.PostAsync("/api/groups", new { name = "Gates", cameraIds = new[] { camera } }, 201)).Text("id")!;
            await first.Http.PostAsync(
                "/api/rules", new { name = "r", when = new { types = new[] { "motion" }, groupIds = new[] { group } }, actions = new object[] { new { type = "alarm" }, new { type = "push" } } }, 201);
            await PublishAsync(first, "before", "", "storage.full", s_noon);
            await Eventually.TrueAsync(async () => (long)(await first.ScalarAsync("select count(*) from control.event"))! == 1);
        }

        await using var database = NpgsqlDataSource.Create(settings.Postgres!);
        await using var holding = await database.OpenConnectionAsync();
        await using var hold = await holding.BeginTransactionAsync();
        await using (var rights = new NpgsqlCommand("lock table control.external_identity in access exclusive mode", holding, hold))
            await rights.ExecuteNonQueryAsync();
        await using var second = await ControlWorld.StartAsync(settings);
        await PublishAsync(second, "waited", camera, "motion", s_noon);
        // The consumer reads as soon as it is there, and all of the day is counted before: that needs the same database, and no rights.
        await Eventually.TrueAsync(() => second.Services.GetRequiredService<EventCounts>().IsLoaded);
        await Eventually.TrueAsync(async () => (bool)(await second.ScalarAsync("select exists (select 1 from pg_locks where not granted and relation = 'control.external_identity'::regclass)"))!);
        Assert.Null(second.Services.GetRequiredService<RightsState>().Current);
        await hold.CommitAsync();

        await Eventually.TrueAsync(async () => (long)(await second.ScalarAsync("select count(*) from control.event where id = 'waited'"))! == 1);
        Assert.Equal(1L, await second.ScalarAsync("select count(*) from control.alarm where event_id = 'waited'"));
        Assert.Equal(1L, await second.ScalarAsync("select count(*) from control.outbox where event_id = 'waited' and channel = 'push'"));
    }

    [Fact]
    public async Task Events_are_filtered_and_paged_newest_first()
    {
        await using var world = await ControlWorld.StartAsync();
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        await using (var insert = world.Database.CreateCommand($"""
            insert into control.event (id, at, type, camera_id, site_id, source, data)
            select 'e' || lpad(i::text, 3, '0'), '2026-11-21 12:00:00Z'::timestamptz + (i / 3) * interval '1 second',
                   case when i % 2 = 0 then 'motion' else 'camera.offline' end, case when i % 5 = 0 then null else '{camera}' end, 'default', 'test', jsonb_build_object('i', i)
            from generate_series(0, 99) i
            """))
        {
            await insert.ExecuteNonQueryAsync();
        }

        var ids = new List<string?>();
        string? cursor = null;
        do
        {
            var page = await world.Http.GetJsonAsync($"/api/events?limit=7&cursor={cursor}");
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(e => e.Text("id")));
            cursor = page.Text("nextCursor");
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Range(0, 100).Reverse().Select(i => $"e{i:000}"), ids);

        var some = await world.Http.GetJsonAsync($"/api/events?cameraId={camera}&type=motion&from=2026-11-21T12:00:10Z&to=2026-11-21T12:00:20Z");
        Assert.All(some.GetProperty("items").EnumerateArray(), e =>
        {
            Assert.Equal(("motion", camera, "Door"), (e.Text("type"), e.Text("cameraId"), e.Text("cameraName")));
            Assert.InRange(e.GetProperty("at").GetDateTimeOffset(), s_noon.AddSeconds(10), s_noon.AddSeconds(19.999));
        });
        Assert.NotEqual(0, some.GetProperty("items").GetArrayLength());

        var ofEither = await world.Http.GetJsonAsync($"/api/events?cameraId={camera}&cameraId=another&limit=500");
        Assert.Equal(80, ofEither.GetProperty("items").GetArrayLength());

        var gates = (await world.Http.PostAsync("/api/groups", new { name = "Gates" }, 201)).Text("id")!;
        var front = (await world.Http.PostAsync("/api/groups", new { name = "Front", parentId = gates }, 201)).Text("id")!;
        Assert.Equal(0, await CountAsync($"groupId={gates}"));      // an empty group is no camera, and not all of them
        await world.Http.PatchAsync($"/api/cameras/{camera}", $$"""{"groupIds":["{{front}}"]}""");
        await Eventually.TrueAsync(async () => await CountAsync($"groupId={gates}") == 80);
        Assert.Equal(80, await CountAsync($"groupId={front}&cameraId=another"));

        async Task<int> CountAsync(string query) => (await world.Http.GetJsonAsync($"/api/events?{query}&limit=500")).GetProperty("items").GetArrayLength();

        using var badCursor = await world.Http.GetAsync("/api/events?cursor=WyJ4IiwieSJd");
        await badCursor.ProblemAsync(400, "invalidInput");
        using var badTime = await world.Http.GetAsync("/api/events?from=yesterday");
        await badTime.ProblemAsync(400, "badRequest");
    }

    [Fact]
    public async Task One_event_has_the_way_of_its_object_that_lists_leave_out()
    {
        await using var world = await ControlWorld.StartAsync();
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        await world.ExecuteAsync($$"""
            insert into control.event (id, at, type, camera_id, site_id, source, data) values
                ('one/two', '2026-11-21 12:00:00Z', 'object.person', '{{camera}}', 'default', 'ai', '{"class": "person", "path": [[0, 0.1, 0.2]]}'),
                ('one/two', '2026-10-21 12:00:00Z', 'object.person', '{{camera}}', 'default', 'ai', '{"class": "dog"}'),
                ('full', '2026-11-21 12:00:00Z', 'storage.full', null, 'default', 'recorder', '{}')
            """);
        Assert.DoesNotContain("path", (await world.Http.GetJsonAsync("/api/events")).GetRawText(), StringComparison.Ordinal);
        var newest = await world.Http.GetJsonAsync("/api/events/one%2Ftwo");
        Assert.Equal(("person", "Door", "[[0,0.1,0.2]]"), (newest.Text("class"), newest.Text("cameraName"), newest.Dig("data.path").GetRawText().Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal("dog", (await world.Http.GetJsonAsync("/api/events/one%2Ftwo?at=2026-10-21T14:00:00%2B02:00")).Text("class"));
        using var otherTime = await world.Http.GetAsync("/api/events/one%2Ftwo?at=2026-11-21T12:00:01Z");
        await otherTime.ProblemAsync(404, "eventNotFound");

        // What no camera saw belongs to its site; whoever sees the camera alone sees neither.
        using var guard = world.As("guard", ("viewer", "camera", camera));
        await guard.GetJsonAsync("/api/events/one%2Ftwo");
        using var other = await guard.GetAsync("/api/events/full");
        await other.ProblemAsync(404, "eventNotFound");
    }

    [Fact]
    public async Task The_dashboard_of_a_site_or_a_group_shows_what_is_there()
    {
        await using var world = await ControlWorld.StartAsync();
        var door = (await world.AddCameraAsync("Door")).Text("id")!;
        var quay = await world.AddSiteAsync("harbour");
        var gates = (await world.Http.PostAsync("/api/groups", new { name = "Gates", cameraIds = new[] { door, quay } }, 201)).Text("id")!;
        var outer = (await world.Http.PostAsync("/api/groups", new { name = "Outer", cameraIds = new[] { door }, parentId = gates }, 201)).Text("id")!;
        await world.ExecuteAsync($"""
            insert into control.event (id, at, type, camera_id, site_id, source, data) values
                ('a', now(), 'motion', '{door}', 'default', 't', '{"{}"}'), ('b', now(), 'motion', '{quay}', 'harbour', 't', '{"{}"}'), ('c', now(), 'door.opened', null, 'harbour', 't', '{"{}"}')
            """);
        world.Services.GetRequiredService<EventCounts>().Forget();      // these came past its only writer
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/dashboard")).Text("cameras.total") == "2");
        foreach (var (query, expected) in new[]
                 {
                     ("", "2 door.opened=1 motion=2"), ("?siteId=harbour", "1 door.opened=1 motion=1"), ("?siteId=default", "1 motion=1"), ($"?groupId={gates}", "2 motion=2"),
                     ($"?groupId={outer}", "1 motion=1"), ($"?groupId={gates}&siteId=harbour", "1 motion=1"), ("?siteId=nowhere", "0"),
                 })
        {
            var shown = await world.Http.GetJsonAsync("/api/dashboard" + query);
            var events = shown.Dig("events24h.byType").EnumerateObject().Select(t => $" {t.Name}={t.Value}");
            Assert.Equal(expected, shown.Text("cameras.total") + string.Concat(events));
        }

        using var guard = world.As("guard", ("viewer", "site", "harbour"));
        Assert.Equal("0", (await guard.GetJsonAsync("/api/dashboard?siteId=default")).Text("cameras.total"));
    }

    [Fact]
    public async Task The_dashboard_adds_it_all_up()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var media = new FakeMedia(world.Options);
        await using var recorder = new FakeRecorder(world.Options);
        var empty = await world.Http.GetJsonAsync("/api/dashboard");
        Assert.Equal("0", empty.Text("cameras.total"));
        Assert.Null(empty.Text("storage.usedBytes"));
        Assert.Equal(["mediaUnavailable", "recorderUnavailable"], empty.GetProperty("alerts").EnumerateArray().Select(a => a.Text("code")));

        await media.StartAsync();
        await recorder.StartAsync();
        await world.AddCameraAsync("Door");
        await world.AddCameraAsync("Gate", new { recording = new { mode = "off" } });
        await using (var insert = world.Database.CreateCommand(
            "insert into control.event (id, at, type, source, data) values ('a', now(), 'motion', 't', '{}'), ('b', now() - interval '2 days', 'motion', 't', '{}')"))
        {
            await insert.ExecuteNonQueryAsync();
        }

        world.Services.GetRequiredService<EventCounts>().Forget();      // these came past its only writer
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/dashboard")) is var now && now.Text("cameras.recording") == "1" && now.Text("cameras.online") == "2");
        var full = await world.Http.GetJsonAsync("/api/dashboard");
        Assert.Equal(("2", "2", "1"), (full.Text("cameras.total"), full.Text("cameras.online"), full.Text("cameras.recording")));
        Assert.Equal(("7000", "123", "1"), (full.Text("storage.usedBytes"), full.Text("storage.freeBytes"), full.Text("events24h.byType.motion")));
        Assert.Equal(["storagePoolAway"], full.GetProperty("alerts").EnumerateArray().Select(a => a.Text("code")));
        var pools = full.GetProperty("storage").GetProperty("pools").EnumerateArray().ToList();
        Assert.Equal(["a record ready", "b archive away"], pools.Select(p => $"{p.Text("name")} {p.Text("role")} {p.Text("state")}"));
        Assert.Equal(("100", "900", "1.5"), (pools[0].Text("freeBytes"), pools[0].Text("capacityBytes"), pools[0].Text("headroomHours")));
        Assert.Null(pools[0].Text("forecastDays"));
        Assert.Equal("42", pools[1].Text("movedBytes"));
        Assert.Null(pools[1].Text("usedBytes"));
    }

    private static async Task PublishAsync(
        ControlWorld world, string id, string cameraId, string type, DateTimeOffset at, string? messageId = null, string site = "default")
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(new { id, type, cameraId, at, source = "test", data = new { reason = "unreachable" } });
        await world.Services.GetRequiredService<BusConnection>().JetStream.PublishAsync(
            BusLayout.EventSubject(site, cameraId, type), payload, messageId ?? id, default);
    }

    private static Task<PublishAck> PublishRawAsync(ControlWorld world, string subject, string payload) =>
        world.Services.GetRequiredService<BusConnection>().JetStream.PublishAsync(subject, System.Text.Encoding.UTF8.GetBytes(payload), null, default);
}
