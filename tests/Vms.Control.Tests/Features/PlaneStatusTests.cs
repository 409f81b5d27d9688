using System.Net;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features;

/// <summary>The two addresses that monitoring asks for the state of all streams and detectors.</summary>
public sealed class PlaneStatusTests
{
    [Fact]
    public async Task Streams_and_analyses_are_listed_with_what_the_planes_say_of_them()
    {
        await using var world = await ControlWorld.StartAsync();
        string id = (await world.AddCameraAsync("Yard", new { subUrl = "rtsp://10.0.0.7/sub", analytics = new { enabled = true } })).Text("id")!;
        await world.AddCameraAsync("Attic", new { enabled = false });
        var before = await world.Http.GetJsonAsync("/api/streaming/status");
        Assert.Equal("False", before.Text("available"));

        await using var media = new FakeMedia(world.Options);
        await media.StartAsync();
        await using var ai = new FakeAi(world.Options);
        await ai.StartAsync();
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/streaming/status")).Text("byState") is """{"online":2}""");
        var streaming = await world.Http.GetJsonAsync("/api/streaming/status");
        Assert.Equal(("True", "2"), (streaming.Text("available"), streaming.Text("total")));
        Assert.Equal((id, "Yard", "main", "online", "H264", "1920", "25"),
            (streaming.Text("streams.0.cameraId"), streaming.Text("streams.0.cameraName"), streaming.Text("streams.0.stream"), streaming.Text("streams.0.state"),
                streaming.Text("streams.0.codec"), streaming.Text("streams.0.width"), streaming.Text("streams.0.fps")));
        Assert.Equal(("9990", "10", "2026-07-02T13:46:40.000Z"),
            (streaming.Text("streams.0.packets"), streaming.Text("streams.0.lostPackets"), streaming.Text("streams.0.lastPictureAt")));
        Assert.Equal("sub", streaming.Text("streams.1.stream"));

        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/ai/status")).Text("analyses.0.state") == "draining");
        var analyses = await world.Http.GetJsonAsync("/api/ai/status");
        Assert.Equal(("True", "1", id, "sub", "12.5"),
            (analyses.Text("available"), analyses.Text("total"), analyses.Text("analyses.0.cameraId"), analyses.Text("analyses.0.stream"), analyses.Text("analyses.0.samplesPerSecond")));

        using var viewer = world.AsRole("viewer");
        foreach (string path in (string[])["/api/streaming/status", "/api/ai/status", "/health/infrastructure"])
        {
            using var refused = await viewer.GetAsync(path);
            await refused.ProblemAsync(403, "forbidden");
        }
    }

    [Fact]
    public async Task What_the_planes_stand_on_is_told_with_since_when_and_why_not()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url });
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/health/infrastructure")).Text("nats.connected") == "True");
        var there = await world.Http.GetJsonAsync("/health/infrastructure");
        Assert.Equal("True", there.Text("postgres.connected"));
        Assert.True(there.Dig("postgres.since").GetDateTimeOffset() < DateTimeOffset.UtcNow);
        Assert.True(there.Dig("postgres.storedBytes").GetInt64() > 1_000_000);
        var connectedSince = there.Dig("nats.since").GetDateTimeOffset();
        await nats.StopAsync();
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/health/infrastructure")).Text("nats.connected") == "False");
        var gone = await world.Http.GetJsonAsync("/health/infrastructure");
        Assert.True(gone.Dig("nats.since").GetDateTimeOffset() > connectedSince);
        Assert.NotEmpty(gone.Text("nats.reason")!);
        var control = await world.Http.GetJsonAsync("/health/planes/control");
        Assert.InRange(control.GetProperty("startedAt").GetDateTimeOffset(), DateTimeOffset.UnixEpoch, DateTimeOffset.UtcNow);
        Assert.True(control.GetProperty("memoryBytes").GetInt64() > 10_000_000);
        // Who is not of this machine has no business with the process.
        Assert.False((await world.Http.GetJsonAsync("/health")).TryGetProperty("memoryBytes", out _));
    }

    [Fact]
    public async Task Who_looks_for_the_administration_is_led_to_the_settings()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings { AdminPassword = null });
        foreach (string path in (string[])["/admin", "/admin/", "/admin/users/7?x=1"])
        {
            using var answer = await world.Http.GetAsync(path);
            Assert.Equal((HttpStatusCode.Found, "/settings"), (answer.StatusCode, answer.Headers.Location!.OriginalString));
        }
    }
}
