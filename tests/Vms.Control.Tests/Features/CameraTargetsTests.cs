using System.Net.Http.Json;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Features;

/// <summary>A camera's URL makes the server connect: where to, has limits.</summary>
public sealed class CameraTargetsTests
{
    [Fact]
    public async Task A_camera_at_an_address_that_is_none_is_refused_by_field()
    {
        await using var world = await ControlWorld.StartAsync();
        foreach (string host in (string[])
            ["169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "0.0.0.0", "[::]", "255.255.255.255", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "127.0.0.1:8082", "localhost:8081", "127.1:8081"])
        {
            using var refused = await world.Http.PostAsJsonAsync("/api/cameras", new { name = "Probe", mainUrl = $"rtsp://{host}/latest/meta-data" });
            var problem = await refused.ProblemAsync(400, "invalidInput");
            Assert.Equal(["mainUrl:addressNotAllowed"], problem.FieldCodes());
        }

        string id = (await world.AddCameraAsync("Here", new { mainUrl = "rtsp://127.0.0.1:9554/x", subUrl = "rtsp://nobody.invalid/x" })).Text("id")!;
        var changed = await world.Http.PatchAsync($"/api/cameras/{id}", """{"mainUrl":"rtsp://10.0.0.9/x","subUrl":"rtsp://[fd00:ec2::254]/x"}""", 400);
        Assert.Equal(["subUrl:addressNotAllowed"], changed.FieldCodes());
        await world.Http.PatchAsync($"/api/cameras/{id}", """{"name":"There"}""");
    }
}
