using System.Globalization;
using System.Net.Http.Headers;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Recording;

/// <summary>Eight 1080p25 cameras: every frame is in the segments once, and plays back across a segment boundary.</summary>
public sealed class EveryFrameTests
{
    private const int Cameras = 8;

    [Fact]
    public async Task Every_frame_of_eight_cameras_is_recorded_and_played_back_exactly_once()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(Cameras, "1080p");
        await using var product = await ProductRun.StartAsync(directory);
        var ids = new List<string>();
        for (var camera = 1; camera <= Cameras; camera++)
            ids.Add(await product.Api.AddCameraAsync($"Camera {camera}", cameras.UrlOf(camera)));
        foreach (var id in ids)
            await product.Api.AwaitRecordingAsync(id);
        var from = DateTimeOffset.UtcNow;
        await Soak.RunForAsync(Soak.Length(seconds: 35, soakSeconds: 180));

        await AssertClipAcrossABoundaryAsync(product, ids[0], from);
        await AssertPlaylistDecodesAsync(product, ids[1], from);
        await product.StopAsync();

        var segments = RecordedFrames.SegmentsOf(product.DataDirectory);
        var frames = RecordedFrames.In(segments);
        RecordedFrames.AssertEachExactlyOnce(frames, Cameras);
        Soak.Measured($"{frames.Values.Sum(f => f.Count)} frames of {Cameras} cameras in {segments.Count} segments, 0 lost, 0 repeated");

        // An independent reader counts the same, and has nothing to complain about.
        long counted = 0;
        foreach (var segment in RecordedFrames.SegmentsOf(product.DataDirectory, ids[0]))
        {
            var output = await ChildProcess.RunAsync(
                "ffprobe", ["-v", "warning", "-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", segment], TimeSpan.FromMinutes(3));
            counted += long.Parse(output.Trim(), CultureInfo.InvariantCulture);
        }

        Assert.Equal(RecordedFrames.In(RecordedFrames.SegmentsOf(product.DataDirectory, ids[0])).Values.Single().Count, counted);
    }

    private static async Task AssertClipAcrossABoundaryAsync(ProductRun product, string id, DateTimeOffset from)
    {
        // Segments are cut every ten seconds: twenty seconds hold at least one boundary.
        var path = $"/api/cameras/{id}/clip.mp4?from={Iso(from.AddSeconds(5))}&to={Iso(from.AddSeconds(25))}";
        using var whole = await product.Api.SendAsync(new HttpRequestMessage(HttpMethod.Get, path));
        Assert.Equal(System.Net.HttpStatusCode.OK, whole.StatusCode);
        var bytes = await whole.Content.ReadAsByteArrayAsync();
        Assert.Equal(whole.Content.Headers.ContentLength, bytes.Length);

        var stamps = FrameStamp.FindAll(bytes).Select(s => (long)s.Frame).ToList();
        var (lost, repeated) = RecordedFrames.Account(stamps);
        Assert.Empty(lost);
        Assert.Empty(repeated);
        Assert.InRange(stamps.Count, 20 * 25, 24 * 25);

        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Range = new RangeHeaderValue(1000, 4999);
        using var part = await product.Api.SendAsync(request);
        Assert.Equal(System.Net.HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(bytes[1000..5000], await part.Content.ReadAsByteArrayAsync());

        using var file = new TestDirectory();
        await File.WriteAllBytesAsync(file["clip.mp4"], bytes);
        var complaints = await ChildProcess.RunAsync("ffmpeg", ["-v", "warning", "-i", file["clip.mp4"], "-f", "null", "-"], TimeSpan.FromMinutes(2));
        Assert.Equal("", complaints);
    }

    private static async Task AssertPlaylistDecodesAsync(ProductRun product, string id, DateTimeOffset from)
    {
        var ticket = (await product.Api.PostAsync("/api/tickets", new { kind = "playback", cameraIds = new[] { id } }))["ticket"]!.GetValue<string>();
        var url = $"{product.Url}/api/cameras/{id}/playback/index.m3u8?from={Iso(from.AddSeconds(5))}&to={Iso(from.AddSeconds(20))}&ticket={Uri.EscapeDataString(ticket)}";
        var complaints = await ChildProcess.RunAsync("ffmpeg", ["-v", "warning", "-i", url, "-f", "null", "-"], TimeSpan.FromMinutes(2));
        Assert.Equal("", complaints);
    }

    private static string Iso(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
