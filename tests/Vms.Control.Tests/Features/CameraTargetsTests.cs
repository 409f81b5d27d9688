using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Configuration;
using Vms.Control.Features.Cameras;
using Vms.Control.Tests.Support;
using Vms.Hosting;

namespace Vms.Control.Tests.Features;

/// <summary>A camera's URL makes the server connect: where to, has limits.</summary>
public sealed class CameraTargetsTests
{
    [Fact]
    public async Task A_camera_at_an_address_that_is_none_is_refused_by_field()
    {
        await using var world = await ControlWorld.StartAsync();
        foreach (string host in (string[])
            ["169.254.169.254", "[::ffff:169.254.169.254]", "0.0.0.0", "[::]", "255.255.255.255", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "127.0.0.1:8082", "localhost:8081", "127.1:8081"])
        {
            using var refused = await world.Http.PostAsJsonAsync("/api/cameras", new { name = "Probe", mainUrl = $"rtsp://{host}/latest/meta-data" });
            var problem = await refused.ProblemAsync(400, "invalidInput");
            Assert.Equal(["mainUrl:addressNotAllowed"], problem.FieldCodes());
        }

        await world.AddCameraAsync("On a card of its own", new { mainUrl = "rtsp://169.254.7.7/x", subUrl = "rtsp://[fe80::7]/x" });
        string id = (await world.AddCameraAsync("Here", new { mainUrl = "rtsp://127.0.0.1:9554/x", subUrl = "rtsp://nobody.invalid/x" })).Text("id")!;
        var changed = await world.Http.PatchAsync($"/api/cameras/{id}", """{"mainUrl":"rtsp://10.0.0.9/x","subUrl":"rtsp://[fd00:ec2::254]/x"}""", 400);
        Assert.Equal(["subUrl:addressNotAllowed"], changed.FieldCodes());
        await world.Http.PatchAsync($"/api/cameras/{id}", """{"name":"There"}""");
    }

    [Theory]
    [InlineData("10.0.0.7", true)]
    [InlineData("169.254.169.254 10.0.0.7", true)]
    [InlineData("10.0.0.7 fd00:ec2::254", true)]
    [InlineData("169.254.169.254 fd00:ec2::254", false)]
    [InlineData("", true)]
    public void A_name_is_refused_when_none_of_its_addresses_may_be_a_camera(string resolved, bool isAllowed)
    {
        var addresses = new CameraAddresses(PlaneOptions.From(new ConfigurationBuilder().Build()));
        Assert.Equal(isAllowed, CameraTargets.Refusal([.. resolved.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)], 554, addresses) is null);
    }
}
