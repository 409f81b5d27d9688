using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.Versioning;
using System.Text.Json;
using Vms.Containers.Integrity;
using Vms.Contracts.Recorder;
using Vms.Interop.Tests.Rtsp;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.FakeCamera;
using Vms.Testing.Footage;
using Vms.Testing.Processes;
using Vms.Testing.Servers;

namespace Vms.Interop.Tests.Recordings;

/// <summary>The real <c>vms-media</c> and <c>vms-recorder</c> as processes, and a camera that records itself while the network is away.</summary>
[SupportedOSPlatform("linux")]
public sealed class FilledGapTests
{
    private const string Camera = "gate";
    private const int Rate = 25;

    [Fact]
    public async Task A_real_outage_is_filled_and_no_picture_of_it_is_missing()
    {
        await using var camera = FakeCameraServer.Start(new FakeCameraOptions { Footage = await VideoFootage.LoadAsync(FootageSpec.Small), Recording = new FakeRecording() });
        await using var media = await MediaProcess.StartAsync();
        string postgres = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        int port = FreePort.Tcp();
        await using var recorder = await ChildProcess.StartAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "vms-recorder.dll")], new Dictionary<string, string?>(media.Settings)
        {
            ["VMS_PLAYBACK_PORT"] = $"{port}",
            ["VMS_POSTGRES"] = postgres,
            ["VMS_RECORDER_MIN_FREE_BYTES"] = "0",
            ["VMS_RECORDER_HEADROOM_HOURS"] = "0",
        });
        using var rpc = new RpcChannel(new Uri("unix://" + media.SocketOf("recorder")));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await media.ApplyAsync(Camera, camera.UrlOf(1));
        var spec = new RecordingSpec { CameraId = Camera, Stream = "main", Mode = "continuous", Format = "fmp4", SegmentSeconds = 10, Generation = 1, SiteId = "site", CameraName = "Gate" };
        await UntilAsync(async () => await rpc.UnaryAsync("vms.recorder.v1.RecorderPlane/StartRecording", spec, StartRecordingReply.Parser, MediaProcess.Deadline, default) is not null);

        var source = camera.Camera(1);
        await SentAsync(source, 6 * Rate);
        source.Faults.RefusePath = true;
        await Eventually.TrueAsync(
            () =>
            {
                source.DropConnections();
                return source.Viewers == 0;
            },
            MediaProcess.Deadline);
        uint away = source.CurrentFrame;
        await Eventually.TrueAsync(() => source.CurrentFrame > away + (8 * Rate), MediaProcess.Deadline);
        source.Faults.RefusePath = false;
        uint back = source.CurrentFrame;
        await Eventually.TrueAsync(() => source.CurrentFrame > back + (14 * Rate), MediaProcess.Deadline);

        // What is younger than ten seconds is left for later: asked again until nothing is missing.
        var (from, to) = (source.EpochUtc + TimeSpan.FromSeconds((away / (double)Rate) - 4), source.EpochUtc + TimeSpan.FromSeconds((back / (double)Rate) + 3));
        var request = new ImportFootageRequest
        {
            CameraId = Camera,
            CameraName = "Gate",
            SiteId = "site",
            Url = camera.UrlOf(1),
            Source = "127.0.0.1",
            FromUnixMs = from.ToUnixTimeMilliseconds(),
            ToUnixMs = to.ToUnixTimeMilliseconds(),
        };
        await UntilAsync(async () =>
        {
            ImportFootageProgress? last = null;
            await foreach (var told in rpc.ServerStreamingAsync("vms.recorder.v1.RecorderPlane/ImportFootage", request, ImportFootageProgress.Parser, MediaProcess.Deadline, default))
                last = told;
            return last!.MissingMs == 0;
        });

        string query = string.Create(CultureInfo.InvariantCulture, $"?from={from.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}&to={to.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}&ticket={media.PlaybackTicket(Camera, from.AddSeconds(-1), to.AddSeconds(1))}");
        var timeline = await http.GetFromJsonAsync<JsonElement>($"/api/cameras/{Camera}/timeline{query}");
        Assert.True(
            timeline.GetProperty("recordings").EnumerateArray().Any(r => r.TryGetProperty("source", out var from) && from.GetString() == "device"),
            $"frames {away} to {back} were not to be had, {source.FramesSent} were sent, {source.Connections} connections: {timeline.GetRawText()}");
        Assert.Equal("cameraOffline", timeline.GetProperty("filled")[0].GetProperty("cause").GetString());
        Assert.True(timeline.GetProperty("gaps").GetArrayLength() == 0, timeline.GetRawText());

        var frames = FrameStamp.FindAll(await http.GetByteArrayAsync($"/api/cameras/{Camera}/clip.mp4{query}")).Select(s => s.Frame).ToList();
        var distinct = frames.Distinct().Order().ToList();
        Assert.True(distinct[0] < away && distinct[^1] > back, $"{distinct[0]} to {distinct[^1]} is played, {away} to {back} was missing");
        Assert.Equal((int)(distinct[^1] - distinct[0]) + 1, distinct.Count);
        Assert.InRange(frames.Count - distinct.Count, 0, Rate);     // the group of pictures in which the network went away

        using var keys = IntegrityKeys.FromPem(await File.ReadAllTextAsync(Path.Combine(media.Settings["VMS_DATA"]!, "keys", "integrity.pub")));
        var verifier = new ChainVerifier(keys);
        var files = Directory.GetFiles(Path.Combine(media.Settings["VMS_DATA"]!, "recordings", Camera, "device"), "*.mp4", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Empty(verifier.Verify(file, new MemoryStream(File.ReadAllBytes(file), writable: false)).Findings));
    }

    private static Task SentAsync(FakeCamera camera, int frames) => Eventually.TrueAsync(() => camera.FramesSent > frames, MediaProcess.Deadline);

    /// <summary>Both planes may still be starting.</summary>
    private static Task UntilAsync(Func<Task<bool>> done) => Eventually.TrueAsync(async () =>
    {
        try
        {
            return await done();
        }
        catch (RpcException e) when (e.Status == RpcStatus.Unavailable)
        {
            return false;
        }
    }, TimeSpan.FromSeconds(120));
}
