using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using Vms.Bus;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Integrations;

public sealed class RabbitMqTests
{
    [Fact]
    public async Task Events_wait_in_three_durable_queues_and_none_is_lost_when_the_broker_dies()
    {
        await using var broker = await RabbitMq.StartAsync();
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url });
        var camera = (await world.AddCameraAsync("Front door")).Text("id")!;
        using (var set = await world.Http.PutAsJsonAsync("/api/integrations/rabbitmq", new { settings = new { enabled = true, host = "127.0.0.1", port = broker.Port } }))
            await set.JsonAsync();
        await StateAsync(world, "connected");

        await PublishAsync(world, camera, "object.person", "p1");
        await PublishAsync(world, camera, "camera.offline", "c1");
        await PublishAsync(world, camera, "storage.full", "s1");
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/integrations/rabbitmq")).Text("sent") == "3");
        await broker.KillAsync();
        await StateAsync(world, "failed");
        for (var i = 2; i < 50; i++)
            await PublishAsync(world, camera, "object.person", $"p{i}");
        await broker.RestartAsync();
        await Eventually.TrueAsync(async () => int.Parse((await world.Http.GetJsonAsync("/api/integrations/rabbitmq")).Text("sent")!, CultureInfo.InvariantCulture) >= 51);

        await using var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = broker.Port }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        var people = await AllAsync(channel, "vms.ai.detections");
        Assert.Equal(Enumerable.Range(1, 49).Select(i => $"p{i}").Order(), people.Select(p => p.Id).Distinct().Order());
        Assert.All(people, p => Assert.True(p.IsPersistent));
        Assert.Equal(("c1", "camera.offline", "Front door"), (await AllAsync(channel, "vms.camera.status")).Select(m => (m.Id, m.Type, m.Body.Text("cameraName"))).Distinct().Single());
        Assert.Equal("s1", (await AllAsync(channel, "vms.system.notifications")).Select(m => m.Id).Distinct().Single());
    }

    private static Task StateAsync(ControlWorld world, string state) =>
        Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/integrations/rabbitmq")).Text("state") == state, text: state);

    /// <summary>As a plane does.</summary>
    private static Task<PublishAck> PublishAsync(ControlWorld world, string camera, string type, string id) => world.Services.GetRequiredService<BusConnection>().JetStream.PublishAsync(
        $"vms.events.default.{camera}.{type}", JsonSerializer.SerializeToUtf8Bytes(new { id, type, cameraId = camera, at = DateTimeOffset.UtcNow, source = "analytics", data = new { } }),
        id, TestContext.Current.CancellationToken);

    private static async Task<List<(string Id, string Type, bool IsPersistent, JsonElement Body)>> AllAsync(IChannel channel, string queue)
    {
        var all = new List<(string, string, bool, JsonElement)>();
        while (await channel.BasicGetAsync(queue, autoAck: true, TestContext.Current.CancellationToken) is { } got)
            all.Add((got.BasicProperties.MessageId!, got.BasicProperties.Type!, got.BasicProperties.Persistent, JsonDocument.Parse(got.Body).RootElement));
        return all;
    }
}
