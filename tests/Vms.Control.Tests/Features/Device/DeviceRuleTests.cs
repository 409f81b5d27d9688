using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Events;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Features.Device;

public sealed class DeviceRuleTests(DeviceWorld world) : IClassFixture<DeviceWorld>
{
    [Fact]
    public async Task A_rule_switches_a_contact_and_turns_the_camera_when_nobody_moves_it_by_hand()
    {
        await using var camera = await world.OnboardAsync();
        var preset = (await world.Http.PostAsync(camera.Url + "/ptz/presets", new { name = "Gate" }, 201)).Text("id")!;       // with that the administrator has it
        await world.Http.PostAsync(
            "/api/rules",
            new
            {
                name = "Gate opens",
                when = new { types = new[] { "gate.opened" }, cameraIds = new[] { camera.Id } },
                actions = new object[] { new { type = "relay", relay = "relay_1" }, new { type = "ptz", preset } },
            }, 201);
        await world.Control.Services.GetRequiredService<EventStore>().AddAsync(
            [new BusEvent("gate", "gate.opened", camera.Id, "default", DateTimeOffset.UtcNow, null, "test", "{}")], default);
        await Eventually.TrueAsync(() => camera.Device.Relays.IsActive("relay_1"));
        await Eventually.TrueAsync(() => camera.Device.Requests.Contains("GotoPreset"), TimeSpan.FromSeconds(60));
        // Zones of the preset before it count no more, and the turn is no motion.
        await Eventually.TrueAsync(async () => await world.PresetToldAsync(camera.Id) == preset);
        foreach (var action in new[] { "relay.switched", "ptz.preset" })
        {
            await Eventually.TrueAsync(async () => (await world.AuditAsync(action, camera.Id)).GetProperty("items").GetArrayLength() == 1);
            Assert.Equal("rule:Gate opens", (await world.AuditAsync(action, camera.Id)).Text("items.0.actor"));
        }
    }
}
