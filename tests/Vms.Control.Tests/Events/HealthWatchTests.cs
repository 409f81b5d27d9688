using Vms.Control.Auth;
using Vms.Control.Tests.Support;
using Vms.Testing;

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
}
