using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Recording;

/// <summary>A program that sends its stream here (RTSP ANNOUNCE, a publish ticket) is recorded like a camera that is pulled.</summary>
public sealed class PushedStreamTests
{
    [Fact]
    public async Task Every_frame_that_a_publisher_sends_is_recorded_once_also_while_the_recorder_is_killed()
    {
        using var directory = new TestDirectory();
        await using var cameras = await SimulatedCameras.StartAsync(1, "360p");
        await using var product = await ProductRun.StartAsync(directory);
        var id = await product.Api.AddCameraAsync("Encoder", "push:");
        var ticket = (await product.Api.PostAsync("/api/tickets", new { kind = "publish", cameraIds = new[] { id } }))["ticket"]!.GetValue<string>();
        await using var publisher = await ChildProcess.StartAsync("ffmpeg",
        [
            "-hide_banner", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", cameras.UrlOf(1),
            "-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", $"rtsp://127.0.0.1:{product.RtspPort}/cam_{id}?ticket={Uri.EscapeDataString(ticket)}",
        ]);
        await product.Api.AwaitRecordingAsync(id);
        await product.KillAndAwaitRestartAsync("recorder");
        await Soak.RunForAsync(TimeSpan.FromSeconds(8));
        Assert.False(publisher.HasExited, publisher.Output);
        await product.StopAsync();

        var frames = RecordedFrames.In(RecordedFrames.SegmentsOf(product.DataDirectory));
        RecordedFrames.AssertEachExactlyOnce(frames, cameras: 1);
        Soak.Measured($"published by ffmpeg: {frames.Values.Single().Count} frames recorded, 0 lost, 0 repeated");
    }
}
