using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using Vms.Control.Auth;
using Vms.Control.Events;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Integrations;

/// <summary>What control finds out itself comes over no bus: other programs hear of it all the same.</summary>
public sealed class OwnEventsTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task What_control_finds_out_reaches_brokers_and_webhooks_once_and_in_order_though_bus_and_control_end_meanwhile()
    {
        using var directory = new TestDirectory();
        await using var rabbit = await RabbitMq.StartAsync();
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var nats = await PrivateNats.StartAsync();
        var settings = new WorldSettings
        {
            Directory = directory,
            Nats = nats.Url,
            Arguments = ["--VMS_SERVER_NAME=Gate house", "--VMS_OUTGOING_NETWORKS=127.0.0.0/8"],
            Adjust = services => services.AddSingleton(new HealthOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1))),
        };
        await using var subscriber = await mosquitto.SubscribeAsync("vms/+/+/+/camera.unreachable");
        string camera;
        var first = await ControlWorld.StartAsync(settings);
        await using (var media = new FakeMedia(first.Options) { State = "offline" })
        {
            var webhook = await first.Http.PostAsync("/api/webhooks", new { name = "Desk", url = receiver.Url }, 201);
            await receiver.SetAsync(secret: webhook.Text("secret"));
            await first.Http.PostAsync(
                "/api/rules", new { name = "Tell", when = new { types = new[] { "camera.unreachable" } }, actions = new[] { new { type = "webhook", webhookId = webhook.Text("webhook.id") } } }, 201);
            await SetAsync(first, "rabbitmq", rabbit.Port, user: null, password: null);
            await SetAsync(first, "mqtt", mosquitto.Port, Mosquitto.User, Mosquitto.Password);
            await media.StartAsync();
            camera = (await first.AddCameraAsync("Front door")).Text("id")!;
            await Eventually.TrueAsync(async () => (await first.Http.GetJsonAsync("/api/integrations/rabbitmq")).Text("sent") == "1", s_patience);
            await Eventually.TrueAsync(() => receiver.Received.Count == 1, s_patience);
            await Eventually.TrueAsync(() => MqttOf(subscriber.Output).Length == 1, s_patience);

            await nats.KillAsync();
            media.State = "online";
            await Eventually.TrueAsync(async () => (long)(await first.ScalarAsync("select count(*) from control.event where type = 'camera.unreachable' and end_at is not null"))! == 1, s_patience);
            await Eventually.TrueAsync(async () => await first.ScalarAsync("select count(*) from control.event where type = 'system.planeAway' and data ->> 'plane' = 'nats'") is 1L, s_patience);
            Assert.Equal(1L, await first.ScalarAsync("select count(*) from control.outbox where channel = 'bus' and state = 'waiting' and body -> 'event' ->> 'type' = 'camera.unreachable'"));
        }

        await first.StopAsync();
        await nats.RestartAsync();
        await using var second = await ControlWorld.StartAsync(settings with { Postgres = first.ConnectionString, WaitUntilReady = false });
        second.Http.DefaultRequestHeaders.Authorization = second.BearerOf("admin", Role.Admin);
        await Eventually.TrueAsync(() => MqttOf(subscriber.Output).Length == 2, s_patience);
        await Eventually.TrueAsync(async () => await second.ScalarAsync("select count(*) from control.outbox where channel = 'bus' and state = 'waiting'") is 0L, s_patience);

        await using var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = rabbit.Port }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        var told = new List<JsonElement>();
        await Eventually.TrueAsync(async () =>
        {
            while (await channel.BasicGetAsync("vms.camera.status", autoAck: true, TestContext.Current.CancellationToken) is { } got)
                told.Add(JsonDocument.Parse(got.Body).RootElement);
            return Distinct(told).Length >= 2;
        }, s_patience);
        var id = await second.ScalarAsync("select id from control.event where type = 'camera.unreachable'");       // one row, though it came back over the bus
        foreach (var heard in (JsonElement[][])[Distinct(told), MqttOf(subscriber.Output)])
        {
            Assert.Equal([(id, camera, "Front door", "default", "control"), (id, camera, "Front door", "default", "control")],
                heard.Select(e => ((object?)e.Text("id"), e.Text("cameraId"), e.Text("cameraName"), e.Text("siteId"), e.Text("source"))));
            Assert.Equal([false, true], heard.Select(e => e.Text("endAt") is not null));
        }

        Assert.Equal("camera.unreachable", Assert.Single(receiver.Received).Text("body.event.type"));
        Assert.Equal(1L, await second.ScalarAsync("select count(*) from control.alarm where event_type = 'camera.unreachable'"));
        // That the bus was away waits among the notifications.
        BasicGetResult? notice = null;
        await Eventually.TrueAsync(async () => (notice ??= await channel.BasicGetAsync("vms.system.notifications", autoAck: true, TestContext.Current.CancellationToken)) is not null, s_patience);
        Assert.Equal(("system.planeAway", "nats"), (notice!.BasicProperties.Type, JsonDocument.Parse(notice.Body).RootElement.Text("data.plane")));
    }

    /// <summary>Brokers hear each at least once: of what nats-server was killed with, it may not know that it was acknowledged.</summary>
    private static JsonElement[] Distinct(IEnumerable<JsonElement> heard) => [.. heard.DistinctBy(e => (e.Text("id"), e.Text("endAt")))];

    private static JsonElement[] MqttOf(string output) =>
        Distinct(output.Split('\n').Where(l => l.StartsWith("vms/default/gate-house/", StringComparison.Ordinal)).Select(l => JsonDocument.Parse(l.Split(' ', 3)[2]).RootElement));

    private static async Task SetAsync(ControlWorld world, string kind, int port, string? user, string? password)
    {
        using (var set = await world.Http.PutAsJsonAsync($"/api/integrations/{kind}", new { settings = new { enabled = true, host = "127.0.0.1", port, username = user ?? "" }, password = password ?? "" }))
            await set.JsonAsync();
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync($"/api/integrations/{kind}")).Text("state") == "connected", s_patience);
    }
}
