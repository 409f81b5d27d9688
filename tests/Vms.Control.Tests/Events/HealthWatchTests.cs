using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vms.Bus;
using Vms.Control.Auth;
using Vms.Control.Events;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Events;

public sealed class HealthWatchTests
{
    [Fact]
    public async Task A_camera_that_shows_nothing_for_a_while_is_an_event_and_an_alarm_and_its_return_is_the_end()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Arguments = ["--VMS_CAMERA_OFFLINE_SECONDS=1"] });
        await using var media = new FakeMedia(world.Options) { State = "offline" };
        await media.StartAsync();
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync($"/api/alarms?cameraId={camera}")).GetProperty("items").GetArrayLength() == 1);
        Assert.Equal(("Camera offline", "critical"), await FirstAsync($"/api/alarms?cameraId={camera}", "title", "severity"));
        Assert.Equal((camera, null), await FirstAsync("/api/events?type=camera.unreachable", "cameraId", "endAt"));

        media.State = "online";
        await Eventually.TrueAsync(async () => (await FirstAsync("/api/events?type=camera.unreachable", "endAt", "id")).Item1 is not null);
        Assert.Equal(1L, await world.ScalarAsync("select count(*) from control.event where type = 'camera.unreachable'"));

        async Task<(string?, string?)> FirstAsync(string path, string one, string other)
        {
            var items = await world.Http.GetJsonAsync(path);
            return (items.Text("items.0." + one), items.Text("items.0." + other));
        }
    }

    [Fact]
    public async Task What_goes_on_over_a_restart_of_control_is_one_event()
    {
        using var directory = new TestDirectory();
        string postgres;
        var settings = new WorldSettings { Directory = directory, Arguments = ["--VMS_CAMERA_OFFLINE_SECONDS=1"] };
        await using (var first = await ControlWorld.StartAsync(settings))
        {
            postgres = first.ConnectionString;
            await using var media = new FakeMedia(first.Options) { State = "offline" };
            await media.StartAsync();
            await first.AddCameraAsync("Door");
            await Eventually.TrueAsync(async () => await CountAsync(first, "end_at is null") == 1);
        }

        await using var second = await ControlWorld.StartAsync(settings with { Postgres = postgres, WaitUntilReady = false });
        second.Http.DefaultRequestHeaders.Authorization = second.BearerOf("admin", Role.Admin);
        await Eventually.TrueAsync(async () =>
        {
            using var cameras = await second.Http.GetAsync("/api/cameras");
            return cameras.IsSuccessStatusCode;
        });
        await using var back = new FakeMedia(second.Options) { State = "offline" };
        await back.StartAsync();
        // Another camera's is told after as long: until then the first one's would have been told again.
        await second.AddCameraAsync("Gate");
        await Eventually.TrueAsync(async () => await CountAsync(second, "end_at is null") == 2);
        back.State = "online";
        await Eventually.TrueAsync(async () => await CountAsync(second, "end_at is not null") == 2);
        Assert.Equal(2, await CountAsync(second, "true"));

        static async Task<long> CountAsync(ControlWorld world, string which) =>
            (long)(await world.ScalarAsync("select count(*) from control.event where type = 'camera.unreachable' and " + which))!;
    }

    [Fact]
    public async Task A_plane_that_was_started_anew_between_two_questions_is_told_and_was_not_away()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var media = new FakeMedia(world.Options);
        await media.StartAsync();
        // One life is told apart from another when both were seen.
        await Eventually.TrueAsync(async () =>
        {
            media.StartAnew();
            return await CountAsync(world, "system.planeRestarted") > 0;
        });
        Assert.Equal("media", (await world.Http.GetJsonAsync("/api/events?type=system.planeRestarted")).Text("items.0.data.plane"));
        Assert.Equal(0, await CountAsync(world, "system.planeAway"));
    }

    [Fact]
    public async Task A_plane_that_was_started_anew_is_told()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Arguments = ["--VMS_CAMERA_OFFLINE_SECONDS=1"] });
        await using (var media = new FakeMedia(world.Options) { State = "offline" })
        {
            await media.StartAsync();
            await world.AddCameraAsync("Door");
            // It has been seen: a plane that was never there did not go away.
            await Eventually.TrueAsync(async () => (long)(await world.ScalarAsync("select count(*) from control.event where type = 'camera.unreachable'"))! == 1);
        }

        await Eventually.TrueAsync(async () => (long)(await world.ScalarAsync("select count(*) from control.event where type = 'system.planeAway'"))! == 1);
        await using var again = new FakeMedia(world.Options);
        await again.StartAsync();
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/events?type=system.planeRestarted")).GetProperty("items").GetArrayLength() == 1);
        Assert.Equal("media", (await world.Http.GetJsonAsync("/api/events?type=system.planeRestarted")).Text("items.0.data.plane"));
        Assert.NotNull((await world.Http.GetJsonAsync("/api/events?type=system.planeAway")).Text("items.0.endAt"));
    }

    [Fact]
    public async Task A_database_that_was_started_anew_is_told()
    {
        await using var postgres = await PrivatePostgres.StartAsync(durable: true);
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Postgres = await postgres.CreateDatabaseAsync(), Adjust = AtOnce });
        await using var media = new FakeMedia(world.Options) { State = "offline" };
        await media.StartAsync();
        await world.AddCameraAsync("Door");
        await Eventually.TrueAsync(async () => await CountAsync(world, "camera.unreachable") == 1);     // by a look that saw the database, too
        await postgres.RestartAsync();
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await world.Http.GetAsync("/api/events?type=system.planeRestarted");
            return answer.IsSuccessStatusCode && (await answer.JsonAsync()).GetProperty("items").EnumerateArray().Any(e => e.Text("data.plane") == "postgres");
        }, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_bus_that_is_gone_and_one_that_was_started_anew_are_told()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url, Adjust = AtOnce });
        await world.Services.GetRequiredService<BusConnection>().WaitUntilConnectedAsync(TestContext.Current.CancellationToken);
        await using var media = new FakeMedia(world.Options) { State = "offline" };
        await media.StartAsync();
        await world.AddCameraAsync("Door");
        await Eventually.TrueAsync(async () => await CountAsync(world, "camera.unreachable") == 1);     // by a look that saw the bus, too
        await nats.RestartAsync();
        await Eventually.TrueAsync(() => HasAsync("planeRestarted", e => e.Text("data.plane") == "nats"));

        await nats.KillAsync();
        await Eventually.TrueAsync(() => HasAsync("planeAway", e => e.Text("data.plane") == "nats" && e.Text("endAt") is null));
        Assert.Equal("A part of the system is away or restarted", await world.ScalarAsync("select title from control.alarm where event_type like 'system.plane%' limit 1"));
        await nats.RestartAsync();
        await Eventually.TrueAsync(() => HasAsync("planeAway", e => e.Text("data.plane") == "nats" && e.Text("endAt") is not null));
        await Eventually.TrueAsync(() => HasAsync("planeRestarted", e => e.Text("data.plane") == "nats" && e.Text("data.awaySeconds") is not null));

        async Task<bool> HasAsync(string type, Func<JsonElement, bool> which) =>
            (await world.Http.GetJsonAsync("/api/events?type=system." + type)).GetProperty("items").EnumerateArray().Any(which);
    }

    [Fact]
    public async Task An_end_of_control_that_nobody_asked_for_is_told_once_by_its_next_life_and_an_ordered_one_is_not()
    {
        using var directory = new TestDirectory();
        using var before = new TestDirectory();
        var settings = new WorldSettings { Directory = directory, Adjust = AtOnce };
        var mark = directory["data/state/control.life"];
        var first = await ControlWorld.StartAsync(settings);
        await Eventually.TrueAsync(() => File.Exists(mark));
        File.Copy(mark, before["life"]);
        await first.StopAsync();
        Assert.False(File.Exists(mark));
        // As a life leaves it that is killed.
        File.Copy(before["life"], mark);
        for (var life = 0; life < 2; life++)
        {
            var next = await ControlWorld.StartAsync(settings with { Postgres = first.ConnectionString, WaitUntilReady = false });
            next.Http.DefaultRequestHeaders.Authorization = next.BearerOf("admin", Role.Admin);
            await Eventually.TrueAsync(async () =>
            {
                using var cameras = await next.Http.GetAsync("/api/cameras");
                return cameras.IsSuccessStatusCode;
            });
            await Eventually.TrueAsync(async () => await CountAsync(next, "system.planeRestarted") == 1);
            Assert.Equal("control", await next.ScalarAsync("select data ->> 'plane' from control.event where type = 'system.planeRestarted'"));
            Assert.Equal("A part of the system is away or restarted", await next.ScalarAsync("select title from control.alarm where event_type = 'system.planeRestarted'"));
            // This one is at work, and has looked round.
            await using var media = new FakeMedia(next.Options) { State = "offline" };
            await media.StartAsync();
            await next.AddCameraAsync($"Door {life}");
            await Eventually.TrueAsync(async () => (long)(await next.ScalarAsync("select count(*) from control.event where type = 'camera.unreachable'"))! == life + 1);
            Assert.NotEqual(await File.ReadAllTextAsync(before["life"]), await File.ReadAllTextAsync(mark));
            Assert.Equal(1, await CountAsync(next, "system.planeRestarted"));
            await media.StopAsync();
            await next.StopAsync();
            Assert.False(File.Exists(mark));
        }
    }

    [Fact]
    public async Task An_end_for_a_loop_that_died_is_none_that_somebody_asked_for()
    {
        var death = new TaskCompletionSource();
        using var directory = new TestDirectory();
        var world = await ControlWorld.StartAsync(new WorldSettings { Directory = directory, Adjust = services => services.AddHostedService(_ => new Loop(death.Task)) });
        var mark = directory["data/state/control.life"];
        await Eventually.TrueAsync(() => File.Exists(mark));
        death.SetException(new InvalidOperationException("It cannot be"));
        await world.StopAsync();
        Assert.True(File.Exists(mark));
    }

    [Fact]
    public async Task Storage_that_will_hold_less_than_was_asked_for_is_told_while_it_is_so()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Adjust = AtOnce });
        await using var recorder = new FakeRecorder(world.Options) { ForecastDays = 2.5 };
        await recorder.StartAsync();
        var camera = (await world.AddCameraAsync("Door", new { recording = new { mode = "continuous", retention = new { minAgeDays = 7 } } })).Text("id")!;
        await Eventually.TrueAsync(async () => await CountAsync(world, "storage.forecast") == 1);
        var told = await world.Http.GetJsonAsync("/api/events?type=storage.forecast");
        Assert.Equal((camera, "2.5", "7", null), (told.Text("items.0.cameraId"), told.Text("items.0.data.days"), told.Text("items.0.data.wantedDays"), told.Text("items.0.endAt")));
        Assert.Equal("Storage holds less than wanted", await world.ScalarAsync("select title from control.alarm where event_type = 'storage.forecast'"));

        await world.Http.PatchAsync($"/api/cameras/{camera}", """{"recording":{"retention":{"minAgeDays":2}}}""");
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/events?type=storage.forecast")).Text("items.0.endAt") is not null);
        Assert.Equal(1, await CountAsync(world, "storage.forecast"));
    }

    [Fact]
    public async Task A_camera_that_is_not_analysed_though_it_should_be_is_told_with_the_reason_and_its_end()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Adjust = AtOnce });
        await using var ai = new FakeAi(world.Options) { Reason = "undecodable" };
        await ai.StartAsync();
        var camera = (await world.AddCameraAsync("Door", new { analytics = new { enabled = true } })).Text("id")!;
        await Eventually.TrueAsync(async () => await CountAsync(world, "camera.analysisFailed") == 1);
        var told = await world.Http.GetJsonAsync("/api/events?type=camera.analysisFailed");
        Assert.Equal((camera, "undecodable", "main", null), (told.Text("items.0.cameraId"), told.Text("items.0.data.reason"), told.Text("items.0.data.stream"), told.Text("items.0.endAt")));
        Assert.Equal("Analysis of a camera does not work", await world.ScalarAsync("select title from control.alarm where event_type = 'camera.analysisFailed'"));

        ai.Reason = "";
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/events?type=camera.analysisFailed")).Text("items.0.endAt") is not null);
        Assert.Equal(1, await CountAsync(world, "camera.analysisFailed"));
    }

    [Fact]
    public async Task What_concerns_all_of_analysis_is_not_told_for_each_camera()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Adjust = AtOnce });
        await using var ai = new FakeAi(world.Options) { Reason = "overloaded" };
        await ai.StartAsync();
        await using var media = new FakeMedia(world.Options) { State = "offline" };
        await media.StartAsync();
        foreach (var name in (string[])["Door", "Gate", "Yard"])
            await world.AddCameraAsync(name, new { analytics = new { enabled = true } });
        await Eventually.TrueAsync(async () => await CountAsync(world, "camera.unreachable") == 3);
        // That it is overloaded the AI plane tells itself.
        Assert.Equal(0, await CountAsync(world, "system.aiOverload"));

        ai.Reason = "noModel";
        await Eventually.TrueAsync(async () => await CountAsync(world, "system.modelMissing") == 1);
        ai.Reason = "";
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/events?type=system.modelMissing")).Text("items.0.endAt") is not null);
        Assert.Equal((1, 0), (await CountAsync(world, "system.modelMissing"), await CountAsync(world, "camera.analysisFailed")));
    }

    [Fact]
    public async Task A_missing_model_is_told_at_each_site_that_wants_it_also_over_a_restart_of_control()
    {
        using var directory = new TestDirectory();
        var settings = new WorldSettings { Directory = directory, Adjust = AtOnce };
        string postgres;
        await using (var first = await ControlWorld.StartAsync(settings))
        {
            postgres = first.ConnectionString;
            await using var ai = new FakeAi(first.Options) { Reason = "noModel" };
            await ai.StartAsync();
            var yard = (await first.Http.PostAsync("/api/sites", new { name = "Yard" }, 201)).Text("id")!;
            await first.AddCameraAsync("Door", new { siteId = yard, analytics = new { enabled = true } });
            await first.AddCameraAsync("Ramp", new { siteId = yard, analytics = new { enabled = true } });
            await Eventually.TrueAsync(async () => await CountAsync(first, "system.modelMissing") == 1);
            Assert.Equal(("Yard", null), await FirstAsync(first, "siteName", "cameraId"));
            await first.AddCameraAsync("Hall", new { analytics = new { enabled = true } });
            await Eventually.TrueAsync(async () => await CountAsync(first, "system.modelMissing") == 2);
            Assert.Equal("default", (await FirstAsync(first, "siteId", "id")).Item1);
        }

        await using var second = await ControlWorld.StartAsync(settings with { Postgres = postgres, WaitUntilReady = false });
        second.Http.DefaultRequestHeaders.Authorization = second.BearerOf("admin", Role.Admin);
        await using var back = new FakeAi(second.Options);
        await back.StartAsync();
        await Eventually.TrueAsync(async () => (long)(await second.ScalarAsync("select count(*) from control.event where type = 'system.modelMissing' and end_at is not null"))! == 2, TimeSpan.FromSeconds(90));
        Assert.Equal(2, await CountAsync(second, "system.modelMissing"));

        static async Task<(string?, string?)> FirstAsync(ControlWorld world, string one, string other)
        {
            var items = await world.Http.GetJsonAsync("/api/events?type=system.modelMissing");
            return (items.Text("items.0." + one), items.Text("items.0." + other));
        }
    }

    private sealed class Loop(Task death) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => death;
    }

    private static async Task<long> CountAsync(ControlWorld world, string type) =>
        (long)(await world.ScalarAsync($"select count(*) from control.event where type = '{type}'"))!;

    private static void AtOnce(IServiceCollection services) => services.AddSingleton(new HealthOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
}
