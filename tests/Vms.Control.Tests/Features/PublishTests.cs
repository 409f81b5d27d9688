using System.Net.Http.Json;
using System.Text.Json;
using Vms.Control.Auth;
using Vms.Control.Tests.Support;
using Vms.Hosting;

namespace Vms.Control.Tests.Features;

/// <summary>Cameras that send to us, their tickets, STUN and TURN servers, and Basic per camera.</summary>
public sealed class PublishTests
{
    [Fact]
    public async Task A_push_camera_its_ticket_and_the_servers_that_viewers_are_told_of()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings
        {
            Arguments = ["--VMS_ICE_SERVERS=stun:stun.example turn:turn.example", "--VMS_TURN_SECRET=hush", "--VMS_RTSPS_PORT=8322"],
        });
        var camera = await world.AddCameraAsync("Encoder", new { mainUrl = "PUSH:", subUrl = "push:", allowBasicInClear = true });
        var id = camera.Text("id")!;
        Assert.Equal(("push:", "push:", true), (camera.Text("mainUrl"), camera.Text("subUrl"), camera.GetProperty("allowBasicInClear").GetBoolean()));
        var changed = await world.Http.PatchAsync($"/api/cameras/{id}", """{"allowBasicInClear": false}""");
        Assert.False(changed.GetProperty("allowBasicInClear").GetBoolean());
        Assert.False((await world.Http.GetJsonAsync($"/api/cameras/{id}")).GetProperty("allowBasicInClear").GetBoolean());

        var ticket = (await world.Http.PostAsync("/api/tickets", new { kind = "publish", cameraIds = new[] { id } })).Text("ticket")!;
        using var verifier = new TicketVerifier(world.Options, TimeProvider.System);
        Assert.True(verifier.TryVerify(ticket, TicketKind.Publish, id, out var read));
        Assert.Equal("admin", read.User);
        Assert.False(verifier.TryVerify(ticket, TicketKind.Live, id, out _));
        Assert.False(verifier.TryVerify(ticket, TicketKind.Publish, "another", out _));

        using var unnamed = await world.Http.PostAsJsonAsync("/api/tickets", new { kind = "publish" });
        Assert.Equal(["cameraIds:required"], (await unnamed.ProblemAsync(400, "invalidInput")).FieldCodes());
        using var operators = world.AsRole(Role.Operator);
        using var refused = await operators.PostAsJsonAsync("/api/tickets", new { kind = "publish", cameraIds = new[] { id } });
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, refused.StatusCode);
        using var encoder = world.AsRole(Role.Publisher);
        using var cameras = await encoder.GetAsync("/api/cameras");
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, cameras.StatusCode);

        var live = await world.Http.PostAsync($"/api/cameras/{id}/live", new { });
        var servers = live.GetProperty("iceServers");
        Assert.Equal("stun:stun.example", servers[0].GetProperty("urls")[0].GetString());
        Assert.False(servers[0].TryGetProperty("username", out JsonElement _));
        Assert.EndsWith(":admin", servers[1].GetProperty("username").GetString(), StringComparison.Ordinal);
        Assert.StartsWith($"rtsps://127.0.0.1:8322/cam_{id}?ticket=", live.Text("rtspsUrl"), StringComparison.Ordinal);
    }
}
