using Microsoft.Extensions.DependencyInjection;
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

    private static async Task<long> CountAsync(ControlWorld world, string type) =>
        (long)(await world.ScalarAsync($"select count(*) from control.event where type = '{type}'"))!;

    private static void AtOnce(IServiceCollection services) => services.AddSingleton(new HealthOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
}
