using System.Text.Json;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Features;

public sealed class ReadBackTests
{
    [Fact]
    public async Task What_reading_a_recording_back_came_to_is_told_and_a_failure_is_an_alert()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options);
        await recorder.StartAsync();
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync($"/api/cameras/{camera}")).Text("recording.state") == "recording");
        Assert.Null(await ResultAsync());

        recorder.ReadBackResult = "good";
        await Eventually.TrueAsync(async () => await ResultAsync() == "good");
        Assert.Equal("2026-11-30T12:03:00.000Z", (await world.Http.GetJsonAsync($"/api/cameras/{camera}")).Text("recording.readBack.at"));
        Assert.DoesNotContain((await world.Http.GetJsonAsync("/api/dashboard")).GetProperty("alerts").EnumerateArray(), a => a.Text("code") == "readBackFailed");

        recorder.ReadBackResult = "altered";
        await Eventually.TrueAsync(async () => await ResultAsync() == "altered");
        var alert = Assert.Single((await world.Http.GetJsonAsync("/api/dashboard")).GetProperty("alerts").EnumerateArray(), a => a.Text("code") == "readBackFailed");
        Assert.Equal(("critical", camera), (alert.Text("severity"), alert.Text("cameraId")));
        Assert.Contains("Door", alert.Text("message"), StringComparison.Ordinal);
        Assert.Contains("checksum", alert.Text("message"), StringComparison.Ordinal);

        async Task<string?> ResultAsync() =>
            (await world.Http.GetJsonAsync($"/api/cameras/{camera}")).Dig("recording.readBack") is { ValueKind: JsonValueKind.Object } read ? read.Text("result") : null;
    }
}
