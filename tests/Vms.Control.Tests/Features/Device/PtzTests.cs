using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Control.Features.Device;
using Vms.Control.Features.Ptz;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.Control.Tests.Features.Device;

/// <summary>Moving cameras through the API, with a device at the other end of a real connection.</summary>
public sealed class PtzTests(DeviceWorld world) : IClassFixture<DeviceWorld>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_way_of_moving_arrives_at_the_device()
    {
        await using var camera = await world.OnboardAsync();
        await OrderAsync(camera, "move", new { pan = 0.5, tilt = -1, zoom = 0.25 });
        Assert.True(camera.Device.Ptz.IsMoving);
        Assert.True((await world.Http.GetJsonAsync(camera.Url + "/ptz")).GetProperty("moving").GetBoolean());
        await OrderAsync(camera, "stop");
        await OrderAsync(camera, "step", new { pan = 0.1 });
        await OrderAsync(camera, "position", new { pan = 0.75, tilt = 0.5, zoom = 0.5 });
        await OrderAsync(camera, "centre", new { x = 0.75, y = 0.25 });
        await OrderAsync(camera, "centre", new { x = 0.5, y = 0.5, width = 0.5, height = 0.25 });
        await OrderAsync(camera, "home");
        Assert.Equal(
            ["continuous 0.5 -1 0.25", "stop", "relative 0.1 0 0", "absolute 0.5 0 0.5", "relative 0.5 0.5 0", "relative 0 0 0", "relative 0 0 0.25", "home"], camera.Device.Ptz.Moves);

        var ptz = await world.Http.GetJsonAsync(camera.Url + "/ptz");
        Assert.Equal("""{"pan":0.75,"tilt":0.5,"zoom":0.5}""", ptz.GetProperty("position").GetRawText());
        Assert.Equal("""{"move":true,"step":true,"position":true,"centre":true,"zoom":true,"home":true,"presets":true}""", ptz.GetProperty("can").GetRawText());
        Assert.Equal(("False", "admin"), (ptz.Text("moving"), ptz.Text("controller.username")));
        Assert.Equal(1, await AuditedAsync("ptz.seized", camera));       // once for all of it
    }

    [Fact]
    public async Task Analysis_is_told_at_which_preset_a_camera_stands_and_when_at_none()
    {
        await using var camera = await world.OnboardAsync();
        var preset = (await world.Http.PostAsync(camera.Url + "/ptz/presets", new { name = "Gate" }, 201)).Text("id")!;
        await OrderAsync(camera, $"presets/{preset}/go");
        await Eventually.TrueAsync(async () => await world.PresetToldAsync(camera.Id) == preset);
        await OrderAsync(camera, "step", new { pan = 0.1 });
        await Eventually.TrueAsync(async () => await world.PresetToldAsync(camera.Id) is "");
    }

    [Fact]
    public async Task A_move_that_nobody_repeats_is_ended_and_not_before_its_time()
    {
        await using var camera = await world.OnboardAsync();
        long began = TimeProvider.System.GetTimestamp();
        await OrderAsync(camera, "move", new { pan = 1 });
        await Eventually.TrueAsync(() => camera.Device.Ptz.Moves.Contains("stop"));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), PtzSession.DeadMan - TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
        Assert.Equal(["continuous 1 0 0", "stop"], camera.Device.Ptz.Moves);
    }

    [Fact]
    public async Task A_move_goes_on_for_as_long_as_it_is_repeated_and_ends_one_and_a_half_seconds_after_the_last()
    {
        await using var camera = await world.OnboardAsync();
        var clock = new ManualTimeProvider();
        var session = new PtzSession(camera.Id, world.Control.Services.GetRequiredService<CameraDevices>(), clock, NullLogger.Instance, Token);
        for (int i = 0; i < 3; i++)
        {
            Assert.Null(await session.MoveAsync(1, 0, 0));
            clock.Advance(TimeSpan.FromSeconds(1.4));
        }

        Assert.Equal(["continuous 1 0 0", "continuous 1 0 0", "continuous 1 0 0"], camera.Device.Ptz.Moves);
        clock.Advance(TimeSpan.FromSeconds(0.2));
        await Eventually.TrueAsync(() => camera.Device.Ptz.Moves is [.., "stop"]);
        Assert.Null(await session.DoAsync((_, _) => Task.FromResult<DeviceFault?>(null)));      // what comes later comes behind it
        Assert.False(session.IsMoving);
        Assert.Equal(4, camera.Device.Ptz.Moves.Count);
    }

    [Fact]
    public async Task A_stop_comes_though_whoever_began_the_move_is_gone()
    {
        await using var camera = await world.OnboardAsync();
        var held = new TaskCompletionSource();
        camera.Device.Quirks.Held["ContinuousMove"] = held.Task;
        using (var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token))
        {
            var moving = world.Http.PostAsJsonAsync(camera.Url + "/ptz/move", new { tilt = 1 }, leaving.Token);
            await Eventually.TrueAsync(() => camera.Device.Requests.Contains("ContinuousMove"));
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => moving);
        }

        held.SetResult();
        await Eventually.TrueAsync(() => camera.Device.Ptz.Moves is [.., "stop"]);
        Assert.Equal("continuous 0 1 0", camera.Device.Ptz.Moves[0]);
    }

    [Fact]
    public async Task Of_moves_that_come_while_one_is_on_its_way_the_latest_is_sent_and_a_stop_always()
    {
        await using var camera = await world.OnboardAsync();
        var held = new TaskCompletionSource();
        camera.Device.Quirks.Held["ContinuousMove"] = held.Task;
        var first = MoveAsync(0.1);
        await Eventually.TrueAsync(() => camera.Device.Requests.Contains("ContinuousMove"));
        var session = world.Control.Services.GetRequiredService<PtzControl>().Of(camera.Id);
        Task<DeviceFault?>[] others = [session.MoveAsync(0.2, 0, 0), session.MoveAsync(0.3, 0, 0), session.MoveAsync(0.4, 0, 0)];
        held.SetResult();
        Assert.All(await Task.WhenAll(others), Assert.Null);
        using (var answer = await first)
            Assert.Equal(204, (int)answer.StatusCode);
        Assert.Equal(["continuous 0.1 0 0", "continuous 0.4 0 0"], camera.Device.Ptz.Moves);

        var stopped = session.StopAsync();
        Assert.Null(await stopped);
        Assert.Equal("stop", camera.Device.Ptz.Moves[^1]);

        Task<HttpResponseMessage> MoveAsync(double pan) => world.Http.PostAsJsonAsync(camera.Url + "/ptz/move", new { pan }, Token);
    }

    [Fact]
    public async Task A_stop_that_does_not_arrive_is_sent_again()
    {
        await using var camera = await world.OnboardAsync();
        await OrderAsync(camera, "move", new { pan = 1 });
        camera.Device.Quirks.Broken["Stop"] = BrokenAnswer.Dropped;
        camera.Device.Quirks.Broken["GetSystemDateAndTime"] = BrokenAnswer.Dropped;
        var stopping = world.Control.Services.GetRequiredService<PtzControl>().Of(camera.Id).StopAsync();
        await Eventually.TrueAsync(() => camera.Device.Requests.Count(request => request == "GetSystemDateAndTime") >= 3);
        camera.Device.Quirks.Broken.Clear();
        Assert.Null(await stopping);
        Assert.False(camera.Device.Ptz.IsMoving);
    }

    [Fact]
    public async Task What_control_moves_stops_with_it()
    {
        await using var other = await ControlWorld.StartAsync(new WorldSettings { Adjust = DeviceWorld.Patience });
        await using var device = await world.StartAsync();
        var camera = (await other.Http.PostAsync("/api/cameras/onboard", new { ip = device.Options.Address.ToString(), port = device.Port, username = "admin", password = "secret" }, 201)).Text("id");
        using (var moved = await other.Http.PostAsJsonAsync($"/api/cameras/{camera}/ptz/move", new { pan = 1 }, Token))
            Assert.Equal(204, (int)moved.StatusCode);
        await other.Services.GetRequiredService<PtzControl>().StopAsync(Token);
        Assert.Equal(["continuous 1 0 0", "stop"], device.Ptz.Moves);
        using var late = await other.Http.PostAsJsonAsync($"/api/cameras/{camera}/ptz/move", new { pan = 1 }, Token);
        await late.ProblemAsync(503, "deviceBusy");
    }

    [Fact]
    public async Task One_at_a_time_moves_a_camera_and_others_are_told_who()
    {
        await using var camera = await world.OnboardAsync();
        using var second = world.Control.As("second", ("operator", "tenant", null));
        await OrderAsync(camera, "move", new { pan = 1 });
        await OrderAsync(camera, "stop");
        var refused = await second.PostAsync(camera.Url + "/ptz/home", new { }, 409);
        Assert.Equal("ptzInUse", refused.Text("code"));
        Assert.Contains("admin", refused.Text("detail"), StringComparison.Ordinal);
        Assert.Equal("admin", (await second.GetJsonAsync(camera.Url + "/ptz")).Text("controller.username"));      // looking is for all
        await second.GetJsonAsync(camera.Url + "/ptz/presets");
        Assert.Equal(1, await AuditedAsync("ptz.seized", camera));
    }

    [Fact]
    public void Somebody_else_takes_over_after_five_seconds_of_silence_and_whoever_goes_on_seizes_nothing_anew()
    {
        var clock = new ManualTimeProvider();
        var session = new PtzSession("c1", null!, clock, NullLogger.Instance, CancellationToken.None);
        Guid one = Guid.NewGuid(), two = Guid.NewGuid();
        Assert.Equal((null, true), session.TryTake(one, "one"));
        clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal((null, false), session.TryTake(one, "one"));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("one", session.TryTake(two, "two").Other?.Name);
        Assert.Equal(clock.GetUtcNow(), session.Holder?.Until);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(session.Holder);
        Assert.Equal((null, true), session.TryTake(two, "two"));
        Assert.Equal("two", session.TryTake(one, "one").Other?.Name);
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal((null, false), session.TryTake(two, "two"));
        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal((null, true), session.TryTake(two, "two"));
        session.LetGo(two);
        Assert.Equal((null, true), session.TryTake(one, "one"));
    }

    [Fact]
    public async Task Presets_are_listed_gone_to_stored_named_and_deleted_and_changes_are_on_record()
    {
        await using var camera = await world.OnboardAsync();
        var presets = (await world.Http.GetJsonAsync(camera.Url + "/ptz/presets")).GetProperty("items").EnumerateArray().Select(p => (p.Text("id"), p.Text("name")));
        Assert.Equal([("1", "Door"), ("2", "Gate")], presets);
        await OrderAsync(camera, "presets/2/go");
        var added = await world.Http.PostAsync(camera.Url + "/ptz/presets", new { name = " Yard " }, 201);
        Assert.Equal(("3", "Yard"), (added.Text("id"), added.Text("name")));
        using (var stored = await world.Http.PutAsync(camera.Url + "/ptz/presets/1", null, Token))
            Assert.Equal(204, (int)stored.StatusCode);
        Assert.Equal("Door", camera.Device.Ptz.Presets["1"]);
        using (var named = await world.Http.PutAsJsonAsync(camera.Url + "/ptz/presets/1", new { name = "Front door" }, Token))
            Assert.Equal(204, (int)named.StatusCode);
        using (var deleted = await world.Http.DeleteAsync(camera.Url + "/ptz/presets/2", Token))
            Assert.Equal(204, (int)deleted.StatusCode);
        Assert.Equal(["1=Front door", "3=Yard"], camera.Device.Ptz.Presets.Select(p => $"{p.Key}={p.Value}"));
        Assert.Equal((1, 2, 1), (await AuditedAsync("preset.added", camera), await AuditedAsync("preset.stored", camera), await AuditedAsync("preset.deleted", camera)));

        Assert.Equal("presetNotFound", (await world.Http.PostAsync(camera.Url + "/ptz/presets/9/go", new { }, 404)).Text("code"));
        using (var nothing = await world.Http.DeleteAsync(camera.Url + "/ptz/presets/9", Token))
            await nothing.ProblemAsync(404, "presetNotFound");
        using (var tooLong = await world.Http.DeleteAsync(camera.Url + "/ptz/presets/" + new string('9', 65), Token))
            await tooLong.ProblemAsync(404, "presetNotFound");
        Assert.Equal(["name:required"], (await world.Http.PostAsync(camera.Url + "/ptz/presets", new { name = " " }, 400)).FieldCodes());
        Assert.Equal(["name:tooLong"], (await world.Http.PostAsync(camera.Url + "/ptz/presets", new { name = new string('x', 65) }, 400)).FieldCodes());
    }

    [Fact]
    public async Task A_preset_gets_another_name_and_keeps_its_place_until_the_device_itself_has_another_one()
    {
        await using var camera = await world.OnboardAsync();
        var renamed = await world.Http.PatchAsync(camera.Url + "/ptz/presets/1", """{"name":" Front door "}""");
        Assert.Equal(("1", "Front door"), (renamed.Text("id"), renamed.Text("name")));
        Assert.Equal("1=Front door 2=Gate", await NamesAsync());
        // ONVIF could not do it without storing where the camera looks now.
        Assert.DoesNotContain("SetPreset", camera.Device.Requests);
        Assert.Equal("Door", camera.Device.Ptz.Presets["1"]);
        Assert.Equal(1, await AuditedAsync("preset.renamed", camera));

        // Whoever stores the place anew stores the name with it; what is set at the device is newer than ours.
        (await world.Http.PutAsync(camera.Url + "/ptz/presets/1", null, Token)).Dispose();
        Assert.Equal("Front door", camera.Device.Ptz.Presets["1"]);
        await world.Http.PatchAsync(camera.Url + "/ptz/presets/2", """{"name":"Ramp"}""");
        camera.Device.Ptz.Rename("2", "Car park");
        Assert.Equal("1=Front door 2=Car park", await NamesAsync());

        // The name goes with the preset.
        await world.Http.PatchAsync(camera.Url + "/ptz/presets/2", """{"name":"Ramp"}""");
        (await world.Http.DeleteAsync(camera.Url + "/ptz/presets/2", Token)).Dispose();
        Assert.Equal(0L, await world.Control.ScalarAsync($"select count(*) from control.preset_name where camera_id = '{camera.Id}'"));
        Assert.Equal("presetNotFound", (await world.Http.PatchAsync(camera.Url + "/ptz/presets/2", """{"name":"Ramp"}""", 404)).Text("code"));
        Assert.Equal(["name:required"], (await world.Http.PatchAsync(camera.Url + "/ptz/presets/1", """{"name":" "}""", 400)).FieldCodes());

        async Task<string> NamesAsync() => string.Join(
            ' ', (await world.Http.GetJsonAsync(camera.Url + "/ptz/presets")).GetProperty("items").EnumerateArray().Select(p => $"{p.Text("id")}={p.Text("name")}"));
    }

    [Fact]
    public async Task Places_in_degrees_are_shares_of_the_range()      // roleoroleo
    {
        await using var camera = await world.OnboardAsync(quirks => quirks.Degrees = true);
        await OrderAsync(camera, "position", new { pan = 0.5, tilt = 1, zoom = 0 });
        Assert.Equal("absolute 180 20 0", camera.Device.Ptz.Moves[^1]);
        Assert.Equal("""{"pan":0.5,"tilt":1,"zoom":0}""", (await world.Http.GetJsonAsync(camera.Url + "/ptz")).GetProperty("position").GetRawText());
    }

    [Fact]
    public async Task Without_a_zoom_the_rest_moves_and_the_zoom_alone_does_not()
    {
        await using var camera = await world.OnboardAsync(quirks => quirks.HasNoZoom = true);
        await OrderAsync(camera, "move", new { pan = 1, zoom = 1 });
        await OrderAsync(camera, "stop");
        Assert.Equal("ptzNotSupported", (await world.Http.PostAsync(camera.Url + "/ptz/move", new { zoom = 1 }, 409)).Text("code"));
        Assert.Equal("continuous 1 0 0", camera.Device.Ptz.Moves[0]);
        Assert.False((await world.Http.GetJsonAsync(camera.Url + "/ptz")).Dig("can.zoom").GetBoolean());
    }

    [Fact]
    public async Task A_device_that_takes_a_stop_without_arguments_only_and_tells_no_status_is_stopped_all_the_same()
    {
        await using var camera = await world.OnboardAsync(quirks => (quirks.StopsOnlyBare, quirks.HasNoPtzStatus) = (true, true));
        await OrderAsync(camera, "move", new { pan = 1 });
        var moving = await world.Http.GetJsonAsync(camera.Url + "/ptz");
        Assert.Equal((null, "True"), (moving.Text("position"), moving.Text("moving")));
        await OrderAsync(camera, "stop");
        Assert.Equal("stop", camera.Device.Ptz.Moves[^1]);
        Assert.Equal("False", (await world.Http.GetJsonAsync(camera.Url + "/ptz")).Text("moving"));
    }

    [Fact]
    public async Task Mechanics_that_another_profile_of_the_sensor_names_are_found_and_none_are_said_to_be_none()
    {
        await using var other = await world.OnboardAsync(quirks => quirks.HasPtzInLastProfile = true);
        await OrderAsync(other, "home");
        await using var fixedOne = await world.OnboardAsync(quirks => quirks.HasNoPtz = true);
        Assert.Equal("ptzNotSupported", (await world.Http.PostAsync(fixedOne.Url + "/ptz/home", new { }, 409)).Text("code"));
        Assert.Equal(0, await AuditedAsync("ptz.seized", fixedOne));
    }

    [Theory]
    [InlineData("move", "{}", "pan:required")]
    [InlineData("move", """{"pan":1.1}""", "pan:outOfRange")]
    [InlineData("step", """{"tilt":-2,"zoom":2}""", "tilt:outOfRange zoom:outOfRange")]
    [InlineData("position", """{"pan":-0.1,"tilt":0}""", "pan:outOfRange")]
    [InlineData("position", """{"pan":0.5}""", "tilt:required")]
    [InlineData("centre", """{"x":0.5}""", "y:required")]
    [InlineData("centre", """{"x":0.5,"y":0.5,"width":2}""", "width:outOfRange")]
    public async Task Numbers_out_of_range_and_none_at_all_are_refused(string order, string body, string wrong)
    {
        await using var camera = await world.OnboardAsync();
        using var answer = await world.Http.PostAsync($"{camera.Url}/ptz/{order}", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Token);
        Assert.Equal(wrong, string.Join(' ', (await answer.ProblemAsync(400, "invalidInput")).FieldCodes().Order(StringComparer.Ordinal)));
        Assert.Empty(camera.Device.Ptz.Moves);
    }

    [Fact]
    public async Task The_right_to_move_holds_for_the_cameras_it_was_given_for()
    {
        await using var own = await world.OnboardAsync();
        await using var other = await world.OnboardAsync();
        var role = await world.Control.AddRoleAsync("ptz-" + own.Id, ["cameras.read", "ptz.control"]);
        using var guard = world.Control.As("guard-" + own.Id, (role, "camera", own.Id), ("viewer", "tenant", null));
        using (var moved = await guard.PostAsync(own.Url + "/ptz/home", null, Token))
            Assert.Equal(204, (int)moved.StatusCode);
        using var refused = await guard.PostAsync(other.Url + "/ptz/home", null, Token);
        await refused.ProblemAsync(403, "forbidden");
    }

    private async Task OrderAsync(DeviceCamera camera, string order, object? body = null)
    {
        using var answer = await world.Http.PostAsync($"{camera.Url}/ptz/{order}", body is null ? null : JsonContent.Create(body), Token);
        Assert.True((int)answer.StatusCode == 204, $"{order}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Token)}");
    }

    private async Task<int> AuditedAsync(string action, DeviceCamera camera)
    {
        JsonElement audit = await world.AuditAsync(action, camera.Id);
        return audit.GetProperty("items").GetArrayLength();
    }
}
