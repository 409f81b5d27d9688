using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Vms.Control.Tests.Features.Device;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.FakeDevice;
using Vms.Testing.Processes;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Integrations;

/// <summary>Commands that are done: planes and a device that do what they are told, a real broker.</summary>
public sealed class MqttCommandTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_camera_records_stops_shows_a_picture_and_turns_as_it_is_told_by_mqtt()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url, Arguments = ["--VMS_SERVER_NAME=Gate house"], Adjust = DeviceWorld.Patience });
        await using var media = new FakeMedia(world.Options, app => app.MapGet(
            "/api/cameras/{id}/snapshot.jpg", (int? width) => Results.Bytes(System.Text.Encoding.ASCII.GetBytes($"picture of {width}"), "image/jpeg")));
        await using var recorder = new FakeRecorder(world.Options);
        await media.StartAsync();
        await recorder.StartAsync();
        await using var device = await FakeDevice.StartAsync(new FakeDeviceOptions { Address = new System.Net.IPAddress([127, 0, 9, 1]) });
        var camera = (await world.Http.PostAsync("/api/cameras/onboard", new { ip = device.Options.Address.ToString(), port = device.Port, username = "admin", password = "secret" }, 201)).Text("id")!;
        var preset = (await world.Http.PostAsync($"/api/cameras/{camera}/ptz/presets", new { name = "Gate" }, 201)).Text("id")!;
        var user = (await world.ScalarAsync("select id::text from control.account where username = 'admin'"))!;
        using (var set = await world.Http.PutAsJsonAsync("/api/integrations/mqtt", new
        {
            settings = new { enabled = true, host = "localhost", port = broker.Port, username = Mosquitto.User, commandUserId = user },
            password = Mosquitto.Password,
        }))
            await set.JsonAsync();
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/integrations/mqtt")).Text("state") == "connected");
        await using var subscriber = await broker.SubscribeAsync("vms/#");

        await DoAsync("record", """{"seconds": 30, "reason": "Doorbell"}""");
        Assert.Equal((30, "Doorbell"), (recorder.Manual[camera].Seconds, recorder.Manual[camera].Reason));
        await DoAsync("record", "stop");
        Assert.Empty(recorder.Manual);
        await DoAsync("snapshot", """{"width": 640}""");
        await using var later = await broker.SubscribeAsync($"vms/default/gate-house/{camera}/snapshot");
        await SeenAsync(later, $"{camera}/snapshot 1 picture of 640");        // kept for whoever comes later
        await DoAsync("ptz", $$"""{"preset": "{{preset}}"}""");
        await Eventually.TrueAsync(() => device.Requests.Contains("GotoPreset"));
        await DoAsync("ptz", "home");
        await Eventually.TrueAsync(() => device.Requests.Contains("GotoHomePosition"));

        async Task DoAsync(string command, string payload)
        {
            var before = Done();
            await broker.PublishAsync($"vms/default/gate-house/{camera}/command/{command}", payload);
            await Eventually.TrueAsync(() => Done() > before, text: $"{command} {payload}: {subscriber.Output}");
            int Done() => subscriber.Output.Split('\n').Count(l => l.StartsWith($"vms/default/gate-house/{camera}/command/{command}/result 0 {{\"done\":true", StringComparison.Ordinal));
        }
    }

    private static Task SeenAsync(ChildProcess subscriber, string text) => subscriber.WaitForOutputAsync(o => o.Contains(text, StringComparison.Ordinal), s_patience);
}
