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
        await ReceiveAsync(
            [
                "-q", "rtspsrc", $"location={(protocol == "tls" ? camera.SecureUrl : camera.Url)}", $"protocols={(protocol == "tls" ? "tcp" : protocol)}", "tls-validation-flags=0", "latency=100", "!", "rtph264depay", "!", "h264parse", "!",
                "video/x-h264,stream-format=byte-stream,alignment=au", "!", "identity", $"eos-after={Frames}", "!", "filesink", $"location={file}",
            ]);

        Pictures.AssertConsecutive(await Pictures.DecodeAsync(file, null), camera.FootageFrames, Frames - 1);
    }

    /// <summary>Runs a pipeline until it has all its pictures. rtspsrc 1.22 now and then trips over itself when it stops: it has the answer to its PAUSE in
    /// full (seen with strace), sends no TEARDOWN, says that it met the end of file, and closes. The pictures were complete before.</summary>
    private static async Task ReceiveAsync(IEnumerable<string> pipeline)
    {
        await using var client = await ChildProcess.StartAsync("gst-launch-1.0", pipeline);
        await client.WaitForExitAsync(TimeSpan.FromMinutes(1));
        bool tripped = client.Output.Contains("Could not send message. (Received end-of-file)", StringComparison.Ordinal)
            && (client.Output.Contains("gst_rtspsrc_pause ()", StringComparison.Ordinal) || client.Output.Contains("gst_rtspsrc_close ()", StringComparison.Ordinal));
        Assert.True(client.ExitCode == 0 || tripped, $"gst-launch-1.0 exited with {client.ExitCode}:\n{client.Output}");
    }
}
