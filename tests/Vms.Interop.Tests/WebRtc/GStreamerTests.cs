using Vms.Interop.Tests.Rtsp;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Interop.Tests.WebRtc;

/// <summary>GStreamer's webrtcbin (libnice, its own DTLS and SRTP) as a WHEP viewer; what it has received is judged by ffmpeg.</summary>
public sealed class GStreamerTests(RepublishedCamera camera) : IClassFixture<RepublishedCamera>
{
    private const int Frames = 100;

    [Fact]
    public async Task Every_picture_comes_once()
    {
        using var folder = new TestDirectory();
        string file = folder["pictures.h264"];
        await ChildProcess.RunAsync(
            "/usr/bin/python3", [Path.Combine(TestPaths.Repository, "tests", "Vms.Interop.Tests", "WebRtc", "gst_whep.py"), camera.WhepUrl, file, $"{Frames}"]);
        Pictures.AssertConsecutive(await Pictures.DecodeAsync(file, null), camera.FootageFrames, Frames - 1);
    }
}
