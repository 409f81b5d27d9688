using System.Globalization;
using System.Text.Json.Nodes;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Recording;

/// <summary>Cameras that are recorded only when something happens: what the camera reports in its metadata, and what another program reports.</summary>
public sealed class TriggeredCamerasTests
{
    private const int FramesPerSecond = 25;
    private const int Every = 15;       // seconds from one motion to the next
    private const int Lasts = 4;
    private const int Roll = 3;         // before and after

    [Fact]
    public async Task Motion_in_the_metadata_and_an_event_that_a_program_reports_are_recorded_with_what_led_to_them_and_nothing_else_is()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p", more: ["--motion", $"{Every}/{Lasts}"]);
        await using var quiet = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        var moving = await AddAsync(product, "Yard", cameras.UrlOf(1), "motion");
        var still = await AddAsync(product, "Door", quiet.UrlOf(1), "event");
        await Eventually.TrueAsync(
            async () => (await product.Api.GetAsync($"/api/cameras/{moving}"))["streams"]![0]!["metadata"]!.GetValue<bool>(), TimeSpan.FromMinutes(1));
        Assert.False((await product.Api.GetAsync($"/api/cameras/{still}"))["streams"]![0]!["metadata"]!.GetValue<bool>());

        await Eventually.TrueAsync(async () => Waits(await product.Api.GetAsync($"/api/cameras/{still}")), TimeSpan.FromMinutes(1));
        var connectedAt = DateTimeOffset.UtcNow;

        // Two whole motions, the second of which has its pre-roll for certain.
        await Eventually.TrueAsync(async () => (await EventsAsync(product, moving)).Count(e => e["endAt"] is not null) >= 2, TimeSpan.FromMinutes(2));
        var reportedAt = DateTimeOffset.UtcNow;
        await product.Api.PostAsync("/api/events", new { type = "door.opened", cameraId = still, at = reportedAt, data = new { door = 7 } });
        await Eventually.TrueAsync(async () => (await TimelineAsync(product, still))["recordings"]!.AsArray().Count > 0, TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(async () => Waits(await product.Api.GetAsync($"/api/cameras/{still}")), TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(async () => Waits(await product.Api.GetAsync($"/api/cameras/{moving}")), TimeSpan.FromMinutes(1));

        var told = Assert.Single(await EventsAsync(product, still));
        Assert.Equal(("door.opened", "admin", 7), (told["type"]!.GetValue<string>(), told["source"]!.GetValue<string>(), told["data"]!["door"]!.GetValue<int>()));
        var timeline = await TimelineAsync(product, still);
        Assert.Single(timeline["events"]!.AsArray(), e => e!["type"]!.GetValue<string>() == "door.opened");
        // A camera that takes more than a second to connect to has a gap before its first picture, and nothing else.
        var others = timeline["events"]!.AsArray().Where(
            e => e!["type"]!.GetValue<string>() != "door.opened" && !(e["type"]!.GetValue<string>() == "recording.gap" && TimeOf(e["endAt"]!) <= connectedAt));
        Assert.True(!others.Any(), $"the timeline has, too: {string.Join(", ", others.Select(e => e!.ToJsonString()))}; its gaps: {timeline["gaps"]!.ToJsonString()}");
        var recording = Assert.Single(timeline["recordings"]!.AsArray())!;
        Assert.Equal("event", recording["class"]!.GetValue<string>());
        Assert.InRange((reportedAt - TimeOf(recording["from"]!)).TotalSeconds, Roll - 0.5, Roll + 2);
        Assert.InRange((TimeOf(recording["to"]!) - reportedAt).TotalSeconds, Roll - 0.5, Roll + 2);
        Assert.All((await TimelineAsync(product, moving))["recordings"]!.AsArray(), r => Assert.Equal("motion", r!["class"]!.GetValue<string>()));
        await product.StopAsync();

        // The camera begins a motion with a frame whose number is known.
        var frames = RecordedFrames.In(RecordedFrames.SegmentsOf(product.DataDirectory, moving)).Values.Single();
        Assert.Equal(frames.Count, frames.Distinct().Count());
        var stretches = Stretches(frames);
        Assert.True(stretches.Count >= 2);
        // The first may lack its pre-roll; a third may just have begun when everything was stopped.
        var (first, last) = stretches[1];
        var begins = (first / (Every * FramesPerSecond) + 1) * Every * FramesPerSecond;
        Assert.InRange(begins - first, (Roll * FramesPerSecond) - 12, (Roll + 2) * FramesPerSecond);
        Assert.InRange(last - begins, ((Lasts + Roll) * FramesPerSecond) - 12, (Lasts + Roll + 2) * FramesPerSecond);

        Soak.Measured($"motion in metadata: {stretches.Count} stretches of {string.Join(", ", stretches.Select(s => s.Last - s.First + 1))} frames recorded, between them nothing");
    }

    private static async Task<string> AddAsync(ProductRun product, string name, string url, string mode)
    {
        var camera = await product.Api.PostAsync(
            "/api/cameras", new { name, mainUrl = url, transport = "tcp", recording = new { mode, preRoll = Roll, postRoll = Roll } });
        return camera["id"]!.GetValue<string>();
    }

    private static async Task<IReadOnlyList<JsonNode>> EventsAsync(ProductRun product, string camera) =>
        [.. (await product.Api.GetAsync($"/api/events?cameraId={camera}&reported=true"))["items"]!.AsArray().Select(e => e!)];

    private static Task<JsonNode> TimelineAsync(ProductRun product, string camera)
    {
        var now = DateTimeOffset.UtcNow;
        return product.Api.GetAsync($"/api/cameras/{camera}/timeline?from={Iso(now.AddMinutes(-10))}&to={Iso(now.AddMinutes(1))}");
    }

    private static bool Waits(JsonNode camera) =>
        (camera["recording"]!["state"]!.GetValue<string>(), camera["recording"]!["stateReason"]?.GetValue<string>()) == ("waiting", "noTrigger");

    private static List<(long First, long Last)> Stretches(IReadOnlyList<long> frames)
    {
        var stretches = new List<(long First, long Last)>();
        foreach (var frame in frames.Order())
        {
            if (stretches.Count > 0 && stretches[^1].Last == frame - 1)
                stretches[^1] = (stretches[^1].First, frame);
            else
                stretches.Add((frame, frame));
        }

        return stretches;
    }

    private static DateTimeOffset TimeOf(JsonNode node) => DateTimeOffset.Parse(node.GetValue<string>(), CultureInfo.InvariantCulture);

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
