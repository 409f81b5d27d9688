using Vms.Testing.Processes;

namespace Vms.Interop.Tests.Rtsp;

/// <summary>ffmpeg and ffprobe as RTSP clients.</summary>
public sealed class FfmpegTests(RepublishedCamera camera) : IClassFixture<RepublishedCamera>
{
    private const int Frames = 100;

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public async Task Every_picture_comes_once_and_nothing_is_complained_about(string transport)
    {
        var numbers = await Pictures.DecodeAsync(camera.Url, Frames, "-rtsp_transport", transport);

        Pictures.AssertConsecutive(numbers, camera.FootageFrames, Frames);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public async Task Ffprobe_is_silent_and_knows_the_stream_from_its_description(string transport)
    {
        string report = await ChildProcess.RunAsync(
            "ffprobe",
            ["-v", "error", "-rtsp_transport", transport, "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", camera.Url]);

        Assert.Equal("h264,640,360", report.Trim());
    }

    [Fact]
    public async Task Every_picture_comes_once_in_TLS()
    {
        var numbers = await Pictures.DecodeAsync(camera.SecureUrl, Frames);

        Pictures.AssertConsecutive(numbers, camera.FootageFrames, Frames);
    }

    [Fact]
    public async Task Without_a_credential_there_is_no_picture()
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => ChildProcess.RunAsync(
            "ffprobe", ["-v", "error", "-rtsp_transport", "tcp", camera.UrlWithoutTicket]));

        Assert.Contains("401", refusal.Message, StringComparison.Ordinal);
    }
}
