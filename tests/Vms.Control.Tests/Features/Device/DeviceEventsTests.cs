using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Features.Device;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.FakeDevice;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features.Device;

/// <summary>Events that devices are asked for, through the event stream to the database.</summary>
public sealed class DeviceEventsTests : IAsyncLifetime
{
    private const string Motion = "tns1:RuleEngine/CellMotionDetector/Motion";

    private PrivateNats _nats = null!;
    private ControlWorld _world = null!;
    private FakeMedia _media = null!;
    private FakeDevice _device = null!;
    private string _camera = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _nats = await PrivateNats.StartAsync();
        _world = await ControlWorld.StartAsync(new WorldSettings { Nats = _nats.Url, Adjust = DeviceWorld.Patience, Arguments = ["--VMS_CAMERA_OFFLINE_SECONDS=1"] });
        _media = new FakeMedia(_world.Options);
        _device = await FakeDevice.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _media.DisposeAsync();
        await _world.DisposeAsync();
        await _device.DisposeAsync();
        await _nats.DisposeAsync();
    }

    [Fact]
    public async Task Motion_that_a_device_tells_is_the_event_that_a_metadata_track_brings_with_its_end()
    {
        await BeginAsync();
        _device.Events.Set(Motion, true);
        var begun = Assert.Single(await EventsAsync("motion", events => events.Count == 1));
        Assert.Equal(("camera", null, "pullPoint", "RuleEngine/CellMotionDetector/Motion"), (begun.Text("source"), begun.Text("endAt"), begun.Text("data.by"), begun.Text("data.topic")));
        Assert.InRange(begun.GetProperty("at").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-2), DateTimeOffset.UtcNow.AddSeconds(1));

        _device.Events.Set(Motion, false);
        var ended = Assert.Single(await EventsAsync("motion", events => events.All(one => one.Text("endAt") is not null)));
        Assert.Equal(begun.Text("id"), ended.Text("id"));

        _device.Events.SetContact("tns1:Device/Trigger/DigitalInput", ("InputToken", "1"), "true");
        Assert.Single(await EventsAsync("input.active", events => events.Count == 1));
        _device.Events.SetContact("tns1:Device/Trigger/Relay", ("RelayToken", "relay_1"), "active");
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/cameras/{_camera}/relays")).Text("items.0.state") == "active");
        Assert.Single(await EventsAsync("motion", _ => true));
    }

    [Fact]
    public async Task Motion_that_goes_on_is_said_again_on_the_subject_that_recordings_wait_for()
    {
        using var bus = _world.Services.GetRequiredService<BusConnection>().Subscribe("vms.events.>", queueGroup: null);
        await BeginAsync();
        _device.Events.Set(Motion, true);
        List<JsonElement> said = [];
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromMinutes(1));
        await foreach (var message in bus.WithCancellation(deadline.Token))
        {
            if (message.Subject != BusLayout.EventSubject("default", _camera, "motion"))
                continue;
            said.Add(JsonDocument.Parse(message.Payload).RootElement);
            if (said.Count == 2)
                break;
        }

        // The recorder takes what is not said again within a minute for over.
        Assert.All(said, one => Assert.Equal(("True", null), (one.Text("ongoing"), one.Text("endAt"))));
        Assert.Equal((said[0].Text("id"), said[0].Text("at")), (said[1].Text("id"), said[1].Text("at")));
    }

    [Fact]
    public async Task A_device_that_was_restarted_in_the_middle_of_motion_ends_it_and_is_asked_anew()
    {
        await BeginAsync();
        _device.Events.Set(Motion, true);
        await EventsAsync("motion", events => events.Count == 1);
        _device.Events.Forget();
        await EventsAsync("motion", events => events.Any(one => one.Text("endAt") is not null));
        // Still motion, the device says to the next one who asks.
        await EventsAsync("motion", events => events.Count == 2 && events.Count(one => one.Text("endAt") is null) == 1);
        Assert.True(_device.Events.Subscribed >= 2);
    }

    [Fact]
    public async Task A_stream_that_brings_events_itself_has_its_device_asked_no_more()
    {
        await BeginAsync();
        _media.Metadata = true;
        await Eventually.TrueAsync(() => _device.Events.Count == 0);
        await EventsFromAsync("metadata");
    }

    [Fact]
    public async Task A_camera_that_is_deleted_has_its_device_asked_no_more()
    {
        await BeginAsync();
        using (var deleted = await _world.Http.DeleteAsync($"/api/cameras/{_camera}", Token))
            Assert.Equal(204, (int)deleted.StatusCode);
        await Eventually.TrueAsync(() => _device.Events.Count == 0);
    }

    [Fact]
    public async Task A_device_without_the_service_is_left_alone_after_the_first_answer()
    {
        _device.Quirks.Broken["CreatePullPointSubscription"] = BrokenAnswer.Dropped;        // onvif_srvd
        await OnboardAsync();
        await Eventually.TrueAsync(async () => (await DeviceAsync()).GetProperty("eventsProblem") is { ValueKind: JsonValueKind.Object } problem && problem.Text("code") == "eventsNotSupported");
        int asked = _device.Requests.Count(request => request == "CreatePullPointSubscription");
        Assert.Equal("none", (await DeviceAsync()).Text("events"));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Another_firmware_and_a_clock_that_goes_wrong_are_events()
    {
        await OnboardAsync();
        (_device.Quirks.Firmware, _device.Quirks.ClockOffset) = ("2.0", TimeSpan.FromMinutes(-5));
        await _world.Http.PostAsync($"/api/cameras/{_camera}/device/check", new { });
        var changed = Assert.Single(await EventsAsync("camera.device.changed", events => events.Count == 1));
        Assert.Equal(("firmware", "1.0.7", "2.0"), (changed.Text("data.what"), changed.Text("data.was"), changed.Text("data.now")));
        var off = Assert.Single(await EventsAsync("camera.clock", events => events.Count == 1));
        Assert.InRange(off.Dig("data.offsetMs").GetInt64(), -302_000, -298_000);
        Assert.Null(off.Text("endAt"));
        Assert.Equal("Camera's clock is off", await _world.ScalarAsync("select title from control.alarm where event_type = 'camera.clock'"));
        await _world.Http.PostAsync($"/api/cameras/{_camera}/device/check", new { });      // nothing new
        _device.Quirks.ClockOffset = TimeSpan.Zero;
        await _world.Http.PostAsync($"/api/cameras/{_camera}/device/check", new { });
        Assert.Single(await EventsAsync("camera.clock", events => events is [var one] && one.Text("endAt") is not null));
        Assert.Single(await EventsAsync("camera.device.changed", _ => true));
    }

    /// <summary>The camera is there, its stream brings no events, and its device is asked for them.</summary>
    private async Task BeginAsync()
    {
        await OnboardAsync();
        await EventsFromAsync("pullPoint");
    }

    private async Task OnboardAsync()
    {
        await _media.StartAsync();
        _camera = (await _world.Http.PostAsync("/api/cameras/onboard", new { ip = "127.0.0.1", port = _device.Port, username = "admin", password = "secret" }, 201)).Text("id")!;
        await _world.Services.GetRequiredService<DeviceStates>().ReadAsync(Token);
    }

    private Task EventsFromAsync(string source) => Eventually.TrueAsync(async () => (await DeviceAsync()).Text("events") == source);

    private Task<JsonElement> DeviceAsync() => _world.Http.GetJsonAsync($"/api/cameras/{_camera}/device");

    private async Task<List<JsonElement>> EventsAsync(string type, Func<List<JsonElement>, bool> condition)
    {
        List<JsonElement> events = [];
        await Eventually.TrueAsync(async () =>
        {
            events = [.. (await _world.Http.GetJsonAsync($"/api/events?cameraId={_camera}&type={type}")).GetProperty("items").EnumerateArray()];
            return condition(events);
        });
        return events;
    }
}
