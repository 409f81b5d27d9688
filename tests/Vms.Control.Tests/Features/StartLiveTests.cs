using System.Net.Http.Json;
using Vms.Control.Tests.Support;
using Vms.Rpc;

namespace Vms.Control.Tests.Features;

/// <summary>Watching a stream converted for a browser that cannot play it (docs/design/transcoding.md).</summary>
public sealed class StartLiveTests
{
    [Fact]
    public async Task A_converted_stream_has_addresses_of_its_own_or_a_problem_that_says_why_not()
    {
        await using var world = await ControlWorld.StartAsync();
        var id = (await world.AddCameraAsync("H.265")).Text("id")!;
        using (var away = await world.Http.PostAsJsonAsync($"/api/cameras/{id}/live", new { converted = true }))
            await away.ProblemAsync(503, "planeUnavailable");

        await using var media = new FakeMedia(world.Options);
        await media.StartAsync();
        var live = await world.Http.PostAsync($"/api/cameras/{id}/live", new { stream = "main", converted = true });
        Assert.Equal("main-h264", live.Text("stream"));
        Assert.Contains($"/mse/cam_{id}?stream=main-h264&ticket=", live.Text("mseUrl"), StringComparison.Ordinal);
        Assert.Contains($"/cam_{id}/main-h264?ticket=", live.Text("rtspUrl"), StringComparison.Ordinal);
        Assert.Contains($"prepare {id}.main", media.Calls);
        Assert.Equal("main", (await world.Http.PostAsync($"/api/cameras/{id}/live", new { })).Text("stream"));

        foreach (var (status, detail, expected, code) in ((RpcStatus, string, int, string)[])
            [
                (RpcStatus.ResourceExhausted, "transcodeLimit", 503, "transcodeLimit"), (RpcStatus.FailedPrecondition, "transcodeOff", 409, "transcodeOff"),
                (RpcStatus.FailedPrecondition, "transcodeUnavailable", 409, "transcodeUnavailable"),
                (RpcStatus.FailedPrecondition, "conversionNotNeeded", 409, "conversionNotNeeded"), (RpcStatus.Internal, "conversionFailed", 500, "conversionFailed"),
                (RpcStatus.Unavailable, "streamNotReady", 503, "streamNotReady"), (RpcStatus.NotFound, "streamNotFound", 404, "streamNotFound"),
            ])
        {
            media.Conversion = new RpcException(status, detail);
            using var refused = await world.Http.PostAsJsonAsync($"/api/cameras/{id}/live", new { converted = true });
            await refused.ProblemAsync(expected, code);
        }
    }
}
