using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vms.EndToEnd.Tests.Browser;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;

namespace Vms.EndToEnd.Tests.Analysis;

/// <summary>A model that ends the process which runs it.</summary>
public sealed class CrashingModelTests
{
    private const string Crashing = "crashing";

    /// <summary>It makes whole numbers of the picture's, takes all of them times 0 and -2^63 to it, and divides by -1. There is no such quotient: x64 processors trap,
    /// which ONNX Runtime does not expect. Whatever checks files finds nothing wrong with it.</summary>
    private static readonly string s_file = Path.Combine(TestPaths.Repository, "tests", "Vms.EndToEnd.Tests", "Analysis", "Crashing.onnx");

    [Fact]
    public async Task It_is_left_out_after_three_ends_with_a_reason_and_costs_neither_live_view_nor_recording_nor_motion()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        Put(product, Crashing);
        var others = (string[])["media", "recorder", "control"];
        var pids = others.ToDictionary(p => p, product.PidOf);
        int ai = product.PidOf("ai");
        var camera = await product.Api.AddCameraAsync("Door", cameras.UrlOf(1));
        await product.Api.AwaitRecordingAsync(camera);
        await using var chromium = await Chromium.StartAsync();
        await chromium.SignInAsync(product);
        await chromium.Page.Locator("video[data-state=playing]").WaitForAsync();
        await chromium.CountFramesAsync(camera);

        await AnalyseAsync(product.Api, camera, Crashing);
        await Eventually.TrueAsync(async () => (await StatusAsync(product.Api))?["reason"]?.GetValue<string>() == "modelCrashed", TimeSpan.FromMinutes(2));
        int crashed = product.PidOf("ai");
        Assert.NotEqual(ai, crashed);
        await Eventually.TrueAsync(async () => (await ToldAsync(product.Api)).Count > 0);
        var told = Assert.Single(await ToldAsync(product.Api))!;
        Assert.Equal(("modelCrashed", Crashing), (told["data"]!["reason"]!.GetValue<string>(), told["data"]!["model"]!.GetValue<string>()));

        // With it left out the plane stays, and finds what moves.
        int before = await chromium.FramesSeenAsync();
        await Eventually.TrueAsync(async () => await StatusAsync(product.Api) is { } status && status["picturesPerSecond"]?.GetValue<double>() > 1 && status["motion"]?.GetValue<bool>() == true);
        await Eventually.TrueAsync(async () => await chromium.FramesSeenAsync() > before + 25);
        Assert.Equal(crashed, product.PidOf("ai"));
        Assert.All(pids, plane => Assert.Equal(plane.Value, product.PidOf(plane.Key)));
        double pause = await chromium.LongestPauseMsAsync();

        // Another model is none of its business.
        await AnalyseAsync(product.Api, camera, "default");
        await Eventually.TrueAsync(async () => await StateOfDefaultAsync(product.Api) == "ready" && (await StatusAsync(product.Api))?["reason"]?.GetValue<string>() != "modelCrashed", TimeSpan.FromMinutes(2));
        Assert.Equal(crashed, product.PidOf("ai"));
        chromium.AssertNoErrors();
        await product.StopAsync();
        var frames = RecordedFrames.In(RecordedFrames.SegmentsOf(product.DataDirectory));
        RecordedFrames.AssertEachExactlyOnce(frames, 1);
        Soak.Measured(string.Create(
            CultureInfo.InvariantCulture, $"a model that ends vms-ai: left out after three times, {frames.Values.Sum(f => f.Count)} frames recorded, 0 lost, longest pause of live view {pause:0} ms"));
    }

    /// <summary>As vms models add does with a model that passed its trial.</summary>
    private static void Put(ProductRun product, string name)
    {
        var bytes = File.ReadAllBytes(s_file);
        var folder = Directory.CreateDirectory(Path.Combine(product.DataDirectory, "models", name)).FullName;
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), bytes);
        File.WriteAllText(
            Path.Combine(folder, "model.json"),
            JsonSerializer.Serialize(new { adapter = "yolo", width = 64, height = 64, labels = new[] { "person" }, sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)) }));
    }

    private static async Task AnalyseAsync(ApiClient api, string camera, string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/cameras/{camera}")
        {
            Content = JsonContent.Create(new { analytics = new { enabled = true, source = "server", model } }),
        };
        using var response = await api.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<string?> StateOfDefaultAsync(ApiClient api)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/ai/models");
        using var response = await api.SendAsync(request);
        if (!response.IsSuccessStatusCode)
            return null;        // analysis has the lowest priority, and may not answer in time
        var models = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        return models["models"]!.AsArray().SingleOrDefault(m => m!["name"]!.GetValue<string>() == models["default"]?.GetValue<string>())?["state"]!.GetValue<string>();
    }

    private static async Task<JsonArray> ToldAsync(ApiClient api) => (await api.GetAsync("/api/events?type=system.analysisLeftOut"))["items"]!.AsArray();

    private static async Task<JsonNode?> StatusAsync(ApiClient api) => (await api.GetAsync("/api/ai/status"))["analyses"]!.AsArray().SingleOrDefault();
}
