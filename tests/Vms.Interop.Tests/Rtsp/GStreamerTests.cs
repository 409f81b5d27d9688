using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Interop.Tests.Rtsp;

/// <summary>GStreamer's rtspsrc as the client; what it has received is judged by ffmpeg.</summary>
public sealed class GStreamerTests(RepublishedCamera camera) : IClassFixture<RepublishedCamera>
{
    private const int Frames = 100;

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    [InlineData("tls")]
    public async Task Every_picture_comes_once(string protocol)
    {
        using var folder = new TestDirectory();
        string file = folder["pictures.h264"];
        await ChildProcess.RunAsync(
            "gst-launch-1.0",
            [
                "-q", "rtspsrc", $"location={(protocol == "tls" ? camera.SecureUrl : camera.Url)}", $"protocols={(protocol == "tls" ? "tcp" : protocol)}", "tls-validation-flags=0", "latency=100", "!", "rtph264depay", "!", "h264parse", "!",
                "video/x-h264,stream-format=byte-stream,alignment=au", "!", "identity", $"eos-after={Frames}", "!", "filesink", $"location={file}",
            ]);

        Pictures.AssertConsecutive(await Pictures.DecodeAsync(file, null), camera.FootageFrames, Frames - 1);
    }
}
