using System.Net.Http.Json;
using System.Text.Json;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Processes;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Integrations;

public sealed class MqttTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Events_and_states_reach_a_broker_with_an_authority_of_its_own_and_a_password()
    {
        var certificate = TestCertificate.Make();
        using var files = new TestDirectory();
        await File.WriteAllTextAsync(files["cert.pem"], certificate.Pem);
        await File.WriteAllTextAsync(files["key.pem"], certificate.KeyPem);
        await File.WriteAllTextAsync(files["ca.pem"], certificate.AuthorityPem);
        await using var broker = await Mosquitto.StartAsync($"certfile {files["cert.pem"]}\nkeyfile {files["key.pem"]}");
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await StartAsync(nats);
        var camera = (await world.AddCameraAsync("Front door")).Text("id")!;
        await using var subscriber = await broker.SubscribeAsync("#", "--cafile", files["ca.pem"]);

        // Nobody that this machine trusts has signed the broker's certificate.
        await SetAsync(world, broker, new { tls = true });
        await StateAsync(world, "failed");
        Assert.DoesNotContain(Mosquitto.Password, (await world.Http.GetJsonAsync("/api/integrations/mqtt")).GetRawText(), StringComparison.Ordinal);
        // Another authority is none either.
        await SetAsync(world, broker, new { tls = true, caCertificate = TestCertificate.Make().AuthorityPem });
        await StateAsync(world, "failed");
        await SetAsync(world, broker, new { tls = true, caCertificate = certificate.AuthorityPem, discovery = true, types = new[] { "door.*" } });
        await StateAsync(world, "connected");

        await ReportAsync(world, camera, "window.opened", "w");
        await ReportAsync(world, camera, "door.opened", "d");
        await SeenAsync(subscriber, $"vms/default/gate-house/{camera}/door.opened 0 {{");
        var told = JsonDocument.Parse(subscriber.Output.Split('\n').Single(l => l.StartsWith($"vms/default/gate-house/{camera}/door.opened", StringComparison.Ordinal)).Split(' ', 3)[2]).RootElement;
        Assert.Equal(("door.opened", "Front door", camera, "default", "7"), (told.Text("type"), told.Text("cameraName"), told.Text("cameraId"), told.Text("siteId"), told.Text("data.count")));
        Assert.EndsWith("/d", told.Text("id"), StringComparison.Ordinal);
        Assert.False(told.GetProperty("data").TryGetProperty("crop", out _));
        Assert.DoesNotContain("window.opened", subscriber.Output, StringComparison.Ordinal);

        // Whoever comes later hears from the broker how everything is.
        await using var later = await broker.SubscribeAsync("#", "--cafile", files["ca.pem"]);
        await SeenAsync(later, "vms/_/gate-house/_/availability 1 online");
        await SeenAsync(later, $"vms/default/gate-house/{camera}/armed 1 OFF");
        await SeenAsync(later, $"vms/default/gate-house/{camera}/state 1 ");
        await SeenAsync(later, $"homeassistant/device/vms_gate-house_{camera}/config 1 {{");
        var config = JsonDocument.Parse(later.Output.Split('\n').First(l => l.StartsWith("homeassistant/", StringComparison.Ordinal)).Split(' ', 3)[2]).RootElement;
        Assert.Equal(
            ("Front door", "vms/_/gate-house/_/availability", $"vms/default/gate-house/{camera}/motion", "motion"),
            (config.Text("device.name"), config.Text("availability_topic"), config.Text("components.motion.state_topic"), config.Text("components.motion.device_class")));

        // A camera that is deleted is taken back, and whoever goes says goodbye.
        (await world.Http.DeleteAsync($"/api/cameras/{camera}")).Dispose();
        await SeenAsync(later, $"homeassistant/device/vms_gate-house_{camera}/config 0 \n");
        await world.Http.PutAsJsonAsync("/api/integrations/mqtt", new { settings = new { enabled = false, host = "", port = 1883 }, password = "" });
        await SeenAsync(later, "vms/_/gate-house/_/availability 0 offline");
        await StateAsync(world, "off");
        Assert.DoesNotContain(Mosquitto.Password, world.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_happens_while_the_broker_is_away_arrives_when_it_is_back_and_a_lost_connection_is_seen()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await StartAsync(nats);
        var camera = (await world.AddCameraAsync("Front door")).Text("id")!;
        await SetAsync(world, broker, new { });
        await StateAsync(world, "connected");

        // Somebody with our name: the broker ends our connection, and our last will is heard; we come back.
        await using (var watcher = await broker.SubscribeAsync("vms/_/gate-house/_/availability"))
        {
            await using (await broker.SubscribeAsync("nothing", "-i", "vms-gate-house"))
                await SeenAsync(watcher, "availability 0 offline");
            await SeenAsync(watcher, "availability 0 online");
        }

        // A listener whom the broker keeps things for, also over its own end.
        await using (await broker.SubscribeAsync("vms/+/+/+/door.opened", "-c", "-i", "listener"))
        {
        }

        await broker.KillAsync();
        await StateAsync(world, "failed");
        for (var i = 0; i < 20; i++)
            await ReportAsync(world, camera, "door.opened", $"e{i}");
        await broker.RestartAsync();
        await using var subscriber = await broker.SubscribeAsync("vms/+/+/+/door.opened", "-c", "-i", "listener");
        await Eventually.TrueAsync(() => IdsOf(subscriber).Contains("e19"));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"e{i}"), IdsOf(subscriber).Distinct());
    }

    [Fact]
    public async Task A_message_that_the_broker_refuses_is_counted_and_those_behind_it_arrive()
    {
        using var files = new TestDirectory();
        await File.WriteAllTextAsync(files["acl"], $"user {Mosquitto.User}\ntopic deny vms/+/+/+/window.opened\ntopic deny vms/+/+/+/armed\ntopic readwrite #\n");
        await using var broker = await Mosquitto.StartAsync($"acl_file {files["acl"]}\nmax_packet_size 3000");
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await StartAsync(nats);
        var camera = (await world.AddCameraAsync("Front door")).Text("id")!;
        await using var subscriber = await broker.SubscribeAsync("#");
        await SetAsync(world, broker, new { types = new[] { "door.*", "window.*" } });
        await StateAsync(world, "connected");
        await SeenAsync(subscriber, $"vms/default/gate-house/{camera}/state 0 ");

        await ReportAsync(world, camera, "window.opened", "refused");
        await ReportAsync(world, camera, "door.opened", "large", new string('x', 4000));
        await ReportAsync(world, camera, "door.opened", "behind");
        await Eventually.TrueAsync(() => IdsOf(subscriber).Contains("behind"));
        Assert.DoesNotContain("window.opened", subscriber.Output, StringComparison.Ordinal);
        Assert.Equal(["behind"], IdsOf(subscriber));
        var shown = await world.Http.GetJsonAsync("/api/integrations/mqtt");
        Assert.Equal(("connected", "3"), (shown.Text("state"), shown.Text("refused")));        // the topic that says whether it is armed is the third
        Assert.Contains("door.opened", shown.Text("refusal"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_s_message_that_the_broker_refuses_is_given_up_at_once_and_counted_and_the_same_is_said_once()
    {
        using var files = new TestDirectory();
        await File.WriteAllTextAsync(files["acl"], $"user {Mosquitto.User}\ntopic deny vms/rules/#\ntopic deny vms/+/+/+/armed\ntopic readwrite #\n");
        await using var broker = await Mosquitto.StartAsync($"acl_file {files["acl"]}");
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await StartAsync(nats);
        var camera = (await world.AddCameraAsync("Front door")).Text("id")!;
        await world.Http.PostAsync("/api/rules", new
        {
            name = "Tell",
            when = new { types = new[] { "door.opened" } },
            actions = new[] { new { type = "mqtt", topic = "one" }, new { type = "mqtt", topic = "two" } },
        }, 201);
        await SetAsync(world, broker, new { });
        await StateAsync(world, "connected");
        await ReportAsync(world, camera, "door.opened", "e");
        await Eventually.TrueAsync(async () => (long)(await world.ScalarAsync("select count(*) from control.outbox where channel = 'mqtt' and state = 'dead' and attempts = 1"))! == 2);
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/integrations/mqtt")).Text("refused") == "3");      // with the topic that says whether it is armed
        Assert.Single(world.Log.Text.Split('\n'), line => line.Contains("a message is left out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Commands_are_done_with_the_rights_of_the_chosen_user_and_noted()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await StartAsync(nats);
        var (door, vault) = ((await world.AddCameraAsync("Door")).Text("id")!, (await world.AddCameraAsync("Vault")).Text("id")!);
        using (world.As("automation", ("admin", "camera", door)))
        {
        }

        var user = (await world.ScalarAsync("select id::text from control.account where username = 'automation'"))!;
        await SetAsync(world, broker, new { commandUserId = user });
        await StateAsync(world, "connected");
        await using var subscriber = await broker.SubscribeAsync("vms/#");

        await broker.PublishAsync($"vms/default/gate-house/{door}/command/arm", "ON");
        await SeenAsync(subscriber, $"{door}/command/arm/result 0 {{\"done\":true,\"status\":200");
        await SeenAsync(subscriber, $"{door}/armed 0 ON");
        Assert.Equal("True", (await world.Http.GetJsonAsync($"/api/cameras/{door}")).Text("analytics.enabled"));

        // Not the user's camera; no command; not for us; an order of before.
        await broker.PublishAsync($"vms/default/gate-house/{vault}/command/arm", "ON");
        await SeenAsync(subscriber, $"{vault}/command/arm/result 0 {{\"done\":false,\"status\":404,\"code\":\"cameraNotFound\"");
        await broker.PublishAsync($"vms/default/gate-house/{door}/command/explode", "now");
        await SeenAsync(subscriber, $"{door}/command/explode/result 0 {{\"done\":false,\"status\":0,\"code\":\"unknownCommand\"");
        await broker.PublishAsync($"vms/default/another/{vault}/command/arm", "ON");
        await broker.PublishAsync($"vms/default/gate-house/{door}/command/arm", new string('x', 5000));
        // There is no recorder here: that is what the command is told.
        await broker.PublishAsync($"vms/default/gate-house/{door}/command/record", """{"seconds": 30, "reason": "Doorbell"}""");
        await SeenAsync(subscriber, $"{door}/command/record/result 0 {{\"done\":false,\"status\":503,\"code\":\"planeUnavailable\"");
        Assert.DoesNotContain($"another/{vault}/command/arm/result", subscriber.Output, StringComparison.Ordinal);

        var audit = (await world.Http.GetJsonAsync("/api/audit?action=mqtt.command")).GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal(["done", "refused", "refused"], audit.Select(a => a.Text("result")!).Reverse());
        Assert.All(audit, a => Assert.Equal("automation", a.Text("actor")));
        Assert.Equal("automation", (await world.Http.GetJsonAsync("/api/audit?action=camera.changed")).Text("items.0.actor"));

        // Switched off, the user may nothing more.
        await world.ExecuteAsync($"update control.account set enabled = false where id = '{user}'");
        world.RefreshRights();
        await broker.PublishAsync($"vms/default/gate-house/{door}/command/arm", "OFF");
        await SeenAsync(subscriber, $"{door}/command/arm/result 0 {{\"done\":false,\"status\":0,\"code\":\"userNotFound\"");
        Assert.Equal("True", (await world.Http.GetJsonAsync($"/api/cameras/{door}")).Text("analytics.enabled"));
    }

    [Fact]
    public async Task Each_wrong_setting_is_named_and_a_password_goes_nowhere_else()
    {
        await using var world = await ControlWorld.StartAsync();
        using var wrong = await world.Http.PutAsJsonAsync("/api/integrations/mqtt", new
        {
            settings = new { enabled = true, host = "", port = 0, topicPrefix = "a/#", discoveryPrefix = "", types = new[] { "UPPER" }, caCertificate = "x", commandUserId = "nobody" },
        });
        Assert.Equal(
            ["settings.host:required", "settings.port:outOfRange", "settings.caCertificate:invalidValue", "settings.topicPrefix:invalidValue", "settings.discoveryPrefix:invalidValue", "settings.types:invalidValue", "settings.commandUserId:userNotFound"],
            (await wrong.JsonAsync(400)).FieldCodes());
        using (var cloud = await world.Http.PutAsJsonAsync("/api/integrations/mqtt", new { settings = new { enabled = true, host = "169.254.169.254", port = 1883 } }))
            Assert.Equal(["settings.host:addressNotAllowed"], (await cloud.JsonAsync(400)).FieldCodes());

        using (var set = await world.Http.PutAsJsonAsync("/api/integrations/mqtt", new { settings = new { enabled = false, host = "192.0.2.1", port = 1883, username = "u" }, password = "secret of theirs" }))
            Assert.Equal("True", (await set.JsonAsync()).Text("hasPassword"));
        using (var moved = await world.Http.PutAsJsonAsync("/api/integrations/mqtt", new { settings = new { enabled = false, host = "192.0.2.2", port = 1883, username = "u" } }))
            Assert.Equal(["password:required"], (await moved.JsonAsync(400)).FieldCodes());
        using (var kept = await world.Http.PutAsJsonAsync("/api/integrations/mqtt", new { settings = new { enabled = false, host = "192.0.2.1", port = 1883, username = "u", topicPrefix = "site/vms" } }))
            Assert.Equal("True", (await kept.JsonAsync()).Text("hasPassword"));
        var shown = (await world.Http.GetJsonAsync("/api/integrations/mqtt")).GetRawText() + (await world.Http.GetJsonAsync("/api/audit")).GetRawText() + world.Log.Text
            + await world.ScalarAsync("select row_to_json(i)::text from control.integration i");
        Assert.DoesNotContain("secret of theirs", shown, StringComparison.Ordinal);
        using var operatorOnly = world.AsRole("operator");
        using var refused = await operatorOnly.GetAsync("/api/integrations/mqtt");
        await refused.ProblemAsync(403, "forbidden");
    }

    private static Task<ControlWorld> StartAsync(PrivateNats nats) => ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url, Arguments = ["--VMS_SERVER_NAME=Gate house"] });

    private static async Task SetAsync(ControlWorld world, Mosquitto broker, object more)
    {
        var settings = JsonSerializer.SerializeToNode(more)!.AsObject();
        settings["enabled"] = true;
        settings["host"] = "localhost";
        settings["port"] = broker.Port;
        settings["username"] = Mosquitto.User;
        using var response = await world.Http.PutAsJsonAsync("/api/integrations/mqtt", new { settings, password = Mosquitto.Password });
        await response.JsonAsync();
    }

    private static Task StateAsync(ControlWorld world, string state) =>
        Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/integrations/mqtt")).Text("state") == state, text: state);

    private static Task SeenAsync(ChildProcess subscriber, string text) =>
        subscriber.WaitForOutputAsync(o => (o + "\n").Contains(text, StringComparison.Ordinal), s_patience);

    private static string[] IdsOf(ChildProcess subscriber) =>
        [.. subscriber.Output.Split('\n').Where(l => l.Contains("/door.opened 0 {", StringComparison.Ordinal)).Select(l => JsonDocument.Parse(l.Split(' ', 3)[2]).RootElement.Text("id")!.Split('/')[1])];

    private static Task ReportAsync(ControlWorld world, string camera, string type, string id, string? note = null) => Eventually.TrueAsync(async () =>
    {
        using var response = await world.Http.PostAsJsonAsync("/api/events", new { type, cameraId = camera, id, at = DateTimeOffset.UtcNow, data = new { count = 7, crop = "AAAA", note } });
        return (int)response.StatusCode == 202;      // the bus connects by itself
    });
}
