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
