using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Bus;
using Vms.Control.Integrations.Sensors;
using Vms.Control.Tests.Support;
using Vms.Hosting;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Integrations;

public sealed class SensorsTests
{
    [Fact]
    public async Task What_a_sensor_says_is_an_event_of_its_own_and_it_can_say_nothing_for_others()
    {
        var certificate = TestCertificate.Make();
        using var files = new TestDirectory();
        await File.WriteAllTextAsync(files["cert.pem"], certificate.Pem);
        await File.WriteAllTextAsync(files["key.pem"], certificate.KeyPem);
        await using var bus = await PrivateNats.StartAsync();
        // Somebody got past the server's permissions: control is no less strict for that.
        await using var theirs = await PrivateNats.StartAsync($$"""
            tls { cert_file: "{{files["cert.pem"]}}", key_file: "{{files["key.pem"]}}" }
            authorization { users: [ { user: control, password: ours }, { user: anybody, password: theirs } ] }
            """);
        await using var world = await ControlWorld.StartAsync(new WorldSettings
        {
            Nats = bus.Url,
            Arguments =
            [
                $"--VMS_NATS_PORT={theirs.Port}", $"--VMS_SENSOR_NATS=tls://control:ours@127.0.0.1:{theirs.Port}",
                $"--VMS_TLS_CERTIFICATE={files["cert.pem"]}", $"--VMS_TLS_KEY={files["key.pem"]}",
            ],
        });
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        var added = await world.Http.PostAsync("/api/sensors", new { name = "Gate contact", siteId = "default" }, 201);
        var id = added.Text("sensor.id")!;
        Assert.Equal(($"vms.events.default.{id}.>", theirs.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)), (added.Text("sensor.subject"), added.Text("port")));

        // The supervisor finds it there, and nobody finds the password.
        await Eventually.TrueAsync(() => SensorAccounts.Read(world.Options) is [{ Id: var known, SiteId: "default" }] && known == id);
        Assert.StartsWith("$2a$05$", SensorAccounts.Read(world.Options)[0].PasswordHash, StringComparison.Ordinal);
        var shown = await File.ReadAllTextAsync(SensorAccounts.FileOf(world.Options)) + (await world.Http.GetJsonAsync("/api/sensors")).GetRawText() + (await world.Http.GetJsonAsync("/api/audit")).GetRawText() + world.Log.Text;
        Assert.DoesNotContain(added.Text("password")!, shown, StringComparison.Ordinal);

        using var stop = new CancellationTokenSource();
        await using var sensor = new BusConnection(
            new BusOptions { Url = $"tls://anybody:theirs@127.0.0.1:{theirs.Port}", ClientName = "sensor", Tls = new BusTlsOptions { Accepts = _ => true } },
            NullLogger<BusConnection>.Instance, TimeProvider.System);
        var running = sensor.RunAsync(stop.Token);
        await world.Log.WaitForAsync("sensors may publish", "control knows the sensor");

        var now = DateTimeOffset.UtcNow;
        await SayAsync($"vms.events.default.{id}.camera.offline", new { });
        await SayAsync($"vms.events.default.{id}.door.opened", new { cameraId = camera });
        await SayAsync($"vms.events.default.{id}.door.opened", new { type = "camera.offline" });
        await SayAsync($"vms.events.default.{id}.door.opened", new { at = now.AddDays(-30), id = "old" });
        await SayAsync($"vms.events.default.{id}.door.opened", new { at = now.AddDays(1), id = "new" });
        await SayAsync($"vms.events.default.somebody.door.opened", new { });
        await SayAsync($"vms.events.elsewhere.{id}.door.opened", new { });
        await SayAsync($"vms.events.default.{camera}.motion", new { });
        await sensor.JetStream.PublishAsync($"vms.events.default.{id}.door.opened", Encoding.UTF8.GetBytes("not JSON"), Guid.NewGuid().ToString(), stop.Token);
        await SayAsync($"vms.events.default.{id}.door.opened", new { at = now, id = "7", data = new { leaf = "left" } });
        await SayAsync($"vms.events.default.{id}.door.opened", new { at = now, id = "7", data = new { leaf = "left" } });
        await SayAsync($"vms.events.default.{id}.door.closed", new { });

        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/events?reported=true")).GetProperty("items").GetArrayLength() >= 2);
        var events = (await world.Http.GetJsonAsync("/api/events?reported=true")).GetProperty("items").EnumerateArray().OrderBy(e => e.Text("type"), StringComparer.Ordinal).ToArray();
        Assert.Equal(["door.closed", "door.opened"], events.Select(e => e.Text("type")!));
        Assert.All(events, e => Assert.Equal(("sensor:Gate contact", null, "default"), (e.Text("source"), e.Text("cameraId"), e.Text("siteId"))));
        Assert.Equal(($"{id}/7", "left"), (events[1].Text("id"), events[1].Text("data.leaf")));

        // What is said while control has no bus waits.
        await bus.KillAsync();
        await SayAsync($"vms.events.default.{id}.door.locked", new { });
        await bus.RestartAsync();
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/events?type=door.locked")).GetProperty("items").GetArrayLength() == 1);

        var renewed = await world.Http.PostAsync($"/api/sensors/{id}/password", new { });
        Assert.NotEqual(added.Text("password"), renewed.Text("password"));
        (await world.Http.DeleteAsync($"/api/sensors/{id}")).Dispose();
        await Eventually.TrueAsync(() => SensorAccounts.Read(world.Options).Count == 0 && world.Services.GetRequiredService<SensorDirectory>().Find(id) is null);
        await SayAsync($"vms.events.default.{id}.door.broken", new { });
        await SayAsync($"vms.events.default.{id}.door.broken", new { });
        await Eventually.TrueAsync(async () => await sensor.JetStream.CountAsync("SENSORS", stop.Token) == 0);
        Assert.Empty((await world.Http.GetJsonAsync("/api/events?type=door.broken")).GetProperty("items").EnumerateArray());
        await stop.CancelAsync();
        await Task.WhenAny(running);

        Task SayAsync(string subject, object what) => Eventually.TrueAsync(async () =>
        {
            try
            {
                await sensor.JetStream.PublishAsync(subject, JsonSerializer.SerializeToUtf8Bytes(what), Guid.NewGuid().ToString(), stop.Token);
                return true;
            }
            catch (BusException)
            {
                return false;      // the stream is control's to make
            }
        });
    }

    [Fact]
    public async Task Without_the_port_there_are_no_sensors_on_the_bus()
    {
        await using var world = await ControlWorld.StartAsync();
        Assert.Equal("sensorPortClosed", (await world.Http.PostAsync("/api/sensors", new { name = "Gate", siteId = "default" }, 409)).Text("code"));
        Assert.Equal(["name:required", "siteId:siteNotFound"], (await world.Http.PostAsync("/api/sensors", new { name = "", siteId = "nowhere" }, 400)).FieldCodes());
    }
}
