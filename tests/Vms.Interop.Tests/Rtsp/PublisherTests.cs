using System.Globalization;
using Vms.Hosting;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Interop.Tests.Rtsp;

/// <summary>ffmpeg and GStreamer as publishers (ANNOUNCE, RECORD); what viewers get of it is judged by the number in each picture.</summary>
public sealed class PublisherTests(PublisherTests.Media media) : IClassFixture<PublisherTests.Media>
{
    private const int Frames = 75;
    private static int s_cameras;

    [Theory]
    [InlineData("ffmpeg", "tcp")]
    [InlineData("ffmpeg", "udp")]
    [InlineData("gstreamer", "tcp")]
    [InlineData("gstreamer", "udp")]
    public async Task Viewers_get_every_picture_that_a_publisher_sends(string program, string transport)
    {
        string camera = await NewCameraAsync();
        await using var publisher = await PublishAsync(program, media.Process.Url(camera, TicketKind.Publish), transport);
        await OnlineAsync(camera, publisher);

        var numbers = await Pictures.DecodeAsync(media.Process.Url(camera, TicketKind.Live), Frames, "-rtsp_transport", "tcp");
        Pictures.AssertConsecutive(numbers, media.Footage.Frames.Count, Frames);

        await publisher.KillAsync();
        await Eventually.TrueAsync(async () => await media.Process.StatusAsync(camera) is { State: "offline" }, MediaProcess.Deadline);
    }

    [Fact]
    public async Task A_second_publisher_is_refused_while_the_first_one_sends()
    {
        string camera = await NewCameraAsync();
        await using var first = await PublishAsync("ffmpeg", media.Process.Url(camera, TicketKind.Publish), "tcp");
        await OnlineAsync(camera, first);

        await using var second = await PublishAsync("ffmpeg", media.Process.Url(camera, TicketKind.Publish), "tcp");
        await second.WaitForExitAsync(MediaProcess.Deadline);
        Assert.NotEqual(0, second.ExitCode);
        Assert.False(first.HasExited, first.Output);
        var numbers = await Pictures.DecodeAsync(media.Process.Url(camera, TicketKind.Live), Frames, "-rtsp_transport", "tcp");
        Pictures.AssertConsecutive(numbers, media.Footage.Frames.Count, Frames);
    }

    [Fact]
    public async Task Viewers_stay_while_one_publisher_goes_and_the_next_one_comes()
    {
        string camera = await NewCameraAsync();
        var first = await PublishAsync("ffmpeg", media.Process.Url(camera, TicketKind.Publish), "tcp");
        await OnlineAsync(camera, first);
        using var folder = new TestDirectory();
        await using var viewer = await ChildProcess.StartAsync(
            "ffmpeg",
            ["-hide_banner", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", media.Process.Url(camera, TicketKind.Live), "-c", "copy", "-f", "h264", folder["seen.h264"]]);
        await Eventually.TrueAsync(() => SizeOf(folder["seen.h264"]) > 0, MediaProcess.Deadline);
        await first.DisposeAsync();
        await Eventually.TrueAsync(async () => await media.Process.StatusAsync(camera) is { State: "offline", Reason: "noPublisher" }, MediaProcess.Deadline);

        long before = SizeOf(folder["seen.h264"]);
        await using var second = await PublishAsync("ffmpeg", media.Process.Url(camera, TicketKind.Publish), "tcp");
        await OnlineAsync(camera, second);
        await Eventually.TrueAsync(() => SizeOf(folder["seen.h264"]) > before + 20_000, MediaProcess.Deadline);
        Assert.False(viewer.HasExited, viewer.Output);
    }

    [Fact]
    public async Task Only_a_right_to_publish_opens_a_push_camera_and_no_other_camera()
    {
        string camera = await NewCameraAsync();
        string pulled = NewId();
        await media.Process.ApplyAsync(pulled, "rtsp://127.0.0.1:1/none");
        foreach (string url in (string[])[
            media.Process.UrlWithoutTicket(camera), media.Process.Url(camera, TicketKind.Live), media.Process.Url(pulled, TicketKind.Publish),
            media.Process.Url(camera, TicketKind.Publish).Replace($"cam_{camera}", "cam_other", StringComparison.Ordinal)])
        {
            await using var publisher = await PublishAsync("ffmpeg", url, "tcp");
            await publisher.WaitForExitAsync(MediaProcess.Deadline);
            Assert.NotEqual(0, publisher.ExitCode);
        }

        Assert.Equal(("offline", "noPublisher"), (await media.Process.StatusAsync(camera)) is var status ? (status.State, status.Reason) : default);
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => ChildProcess.RunAsync(
            "ffprobe", ["-v", "error", "-rtsp_transport", "tcp", media.Process.Url(camera, TicketKind.Publish)]));
        Assert.Contains("401", refusal.Message, StringComparison.Ordinal);      // who may send may not watch
    }

    [Fact]
    public async Task A_codec_that_is_not_supported_is_named()
    {
        string camera = await NewCameraAsync();
        await using var publisher = await ChildProcess.StartAsync(
            "ffmpeg",
            [
                "-hide_banner", "-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=10", "-c:v", "mpeg4", "-f", "rtsp",
                "-rtsp_transport", "tcp", media.Process.Url(camera, TicketKind.Publish),
            ]);
        await publisher.WaitForExitAsync(MediaProcess.Deadline);
        Assert.NotEqual(0, publisher.ExitCode);
        var status = await media.Process.StatusAsync(camera);
        Assert.Equal(("unsupported", "unsupportedCodec"), (status.State, status.Reason));
        Assert.Contains("MP4V-ES", status.Detail, StringComparison.Ordinal);
    }

    private static string NewId() => $"p{Interlocked.Increment(ref s_cameras).ToString(CultureInfo.InvariantCulture)}";

    private async Task<string> NewCameraAsync()
    {
        string camera = NewId();
        await media.Process.ApplyAsync(camera, "push:");
        return camera;
    }

    private async Task OnlineAsync(string camera, ChildProcess publisher) => await Eventually.TrueAsync(
        async () => await media.Process.StatusAsync(camera) is { State: "online", Width: > 0 } || (publisher.HasExited ? throw new InvalidOperationException(publisher.Output) : false),
        MediaProcess.Deadline);

    private async Task<ChildProcess> PublishAsync(string program, string url, string transport) => program == "ffmpeg"
        ? await ChildProcess.StartAsync(
            "ffmpeg",
            [
                "-hide_banner", "-nostdin", "-v", "error", "-re", "-i", media.LongFile, "-c", "copy", "-f", "rtsp",
                "-rtsp_transport", transport, url,
            ])
        : await ChildProcess.StartAsync(
            "gst-launch-1.0",
            [
                "-q", "filesrc", $"location={media.LongFile}", "!", "qtdemux", "!", "h264parse", "config-interval=-1", "!", "identity", "sync=true", "!", "rtspclientsink",
                $"location={url}", $"protocols={transport}", "latency=0",
            ]);

    private static long SizeOf(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;

    public sealed class Media : IAsyncLifetime
    {
        internal MediaProcess Process { get; private set; } = null!;

        internal H264Footage Footage { get; private set; } = null!;

        /// <summary>The footage many times over, in real time by its timestamps.</summary>
        internal string LongFile { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Footage = await H264Footage.LoadAsync(FootageSpec.Small);
            LongFile = await Footage.ToLongFileAsync();
            Process = await MediaProcess.StartAsync();
        }

        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
