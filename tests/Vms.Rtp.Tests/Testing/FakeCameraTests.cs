using System.Globalization;
using Vms.Testing;
using Vms.Testing.FakeCamera;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Rtp.Tests.Testing;

/// <summary>ffmpeg as an independent client of the fake camera.</summary>
public sealed class FakeCameraTests
{
    [Theory]
    [InlineData("tcp", false)]
    [InlineData("udp", false)]
    [InlineData("tcp", true)]
    public async Task Ffmpeg_receives_every_frame_without_a_warning(string transport, bool wirePaced)
    {
        await using var server = FakeCameraServer.Start(await OptionsAsync() with { Cameras = 2, WirePaced = wirePaced });
        using var folder = new TestDirectory();

        string output = await RecordAsync(server.UrlOf(2), transport, folder["out.h264"]);

        Assert.Equal("", output);
        byte[] recorded = await File.ReadAllBytesAsync(folder["out.h264"]);
        var stamps = FrameStamp.FindAll(recorded);
        Assert.InRange(stamps.Count, 50, 60);
        Assert.All(stamps, stamp => Assert.Equal(2, stamp.Camera));
        Assert.Equal(Enumerable.Range(0, stamps.Count).Select(i => stamps[0].Frame + (uint)i), stamps.Select(stamp => stamp.Frame));
        var probe = await FfProbe.InspectAsync(folder["out.h264"]);
        Assert.Equal((stamps.Count, 640, 360, ""), (probe.Frames, probe.Width, probe.Height, probe.Warnings));
        await Eventually.TrueAsync(() => server.Viewers == 0);
    }

    [Theory]
    [InlineData(RtspAuthentication.Basic)]
    [InlineData(RtspAuthentication.DigestMd5)]
    [InlineData(RtspAuthentication.DigestSha256 | RtspAuthentication.DigestMd5)]
    public async Task Ffmpeg_signs_in(RtspAuthentication authentication)
    {
        var options = await OptionsAsync() with { Authentication = authentication, User = "admin", Password = "p@ss word" };
        await using var server = FakeCameraServer.Start(options);
        using var folder = new TestDirectory();
        string url = server.UrlOf(1).Replace("rtsp://", "rtsp://admin:p%40ss%20word@", StringComparison.Ordinal);

        Assert.Equal("", await RecordAsync(url, "tcp", folder["out.h264"]));
        Assert.True(server.Camera(1).LoginAttempts > 0);
        Assert.Equal(0, server.Camera(1).WrongPasswords);

        string refused = await RecordAsync(url.Replace("p%40", "q", StringComparison.Ordinal), "tcp", folder["no.h264"]);
        Assert.Contains("401", refused, StringComparison.Ordinal);
        Assert.True(server.Camera(1).WrongPasswords > 0);
    }

    [Fact]
    public async Task Unknown_cameras_and_refused_paths_are_not_found()
    {
        await using var server = await FakeCameraServer.StartSmallAsync();
        using var client = new RtspTestClient(server.Port);
        Assert.StartsWith("RTSP/1.0 404", await client.RequestAsync("DESCRIBE", server.UrlOf(2)), StringComparison.Ordinal);
        server.Camera(1).Faults.RefusePath = true;
        Assert.StartsWith("RTSP/1.0 404", await client.RequestAsync("DESCRIBE", server.UrlOf(1)), StringComparison.Ordinal);
        server.Camera(1).Faults.RefusePath = false;
        Assert.StartsWith("RTSP/1.0 200", await client.RequestAsync("DESCRIBE", server.UrlOf(1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_do_what_they_say()
    {
        await using var server = await FakeCameraServer.StartSmallAsync();
        var camera = server.Camera(1);
        using var client = new RtspTestClient(server.Port);

        camera.Faults.NoParameterSetsInSdp = true;
        Assert.DoesNotContain("sprop", await client.RequestAsync("DESCRIBE", server.UrlOf(1)), StringComparison.Ordinal);
        camera.Faults.UnsupportedCodecOnly = true;
        Assert.Contains("VP9", await client.RequestAsync("DESCRIBE", server.UrlOf(1)), StringComparison.Ordinal);
        camera.Faults.HeaderPadding = 5000;
        Assert.True((await client.RequestAsync("OPTIONS", server.UrlOf(1))).Length > 5000);
        camera.Faults.HeaderPadding = 0;
        camera.Faults.RefuseTcp = true;
        Assert.StartsWith("RTSP/1.0 461", await client.RequestAsync("SETUP", server.UrlOf(1), "Transport: RTP/AVP/TCP;interleaved=0-1"), StringComparison.Ordinal);
        camera.Faults.RefuseTcp = false;

        await client.PlayAsync(server.UrlOf(1));
        await Eventually.TrueAsync(() => camera.FramesSent > 5);
        Assert.Equal((1, 1), (camera.Viewers, camera.Connections));
        camera.Faults.StopSending = true;
        int sent = camera.FramesSent;
        uint frame = camera.CurrentFrame;
        await Eventually.TrueAsync(() => camera.CurrentFrame > frame + 10);
        Assert.InRange(camera.FramesSent - sent, 0, 1);
        camera.Faults.StopSending = false;
        await Eventually.TrueAsync(() => camera.FramesSent > sent + 5);

        camera.DropConnections();
        await client.ReadToEndAsync();
        Assert.Equal((0, 0), (camera.Viewers, camera.Connections));
    }

    [Fact]
    public async Task A_silent_client_is_closed_after_the_session_timeout()
    {
        await using var server = FakeCameraServer.Start(await OptionsAsync() with { SessionTimeout = TimeSpan.FromSeconds(1) });
        using var client = new RtspTestClient(server.Port);
        await client.PlayAsync(server.UrlOf(1));
        await client.ReadToEndAsync();
        await Eventually.TrueAsync(() => server.Viewers == 0);
    }

    [Fact]
    public async Task Switching_footage_begins_with_its_keyframe_and_its_parameter_sets()
    {
        var other = await H264Footage.LoadAsync(FootageSpec.Pattern("other", 320, 240) with { Seconds = 2 });
        await using var server = await FakeCameraServer.StartSmallAsync();
        using var folder = new TestDirectory();
        var recording = RecordAsync(server.UrlOf(1), "tcp", folder["out.h264"], seconds: 3);
        await Eventually.TrueAsync(() => server.Camera(1).FramesSent > 10);

        server.Camera(1).SwitchTo(other);

        await recording;
        byte[] recorded = await File.ReadAllBytesAsync(folder["out.h264"]);
        Assert.True(recorded.AsSpan().IndexOf(other.Sps.Span) > 0);
        var stamps = FrameStamp.FindAll(recorded);
        Assert.Equal(Enumerable.Range(0, stamps.Count).Select(i => stamps[0].Frame + (uint)i), stamps.Select(stamp => stamp.Frame));
    }

    [Fact]
    public async Task Camera_sim_says_where_it_listens_and_ends_with_its_input()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "camera-sim.dll");
        await using var sim = await ChildProcess.StartAsync("dotnet", [program, "--cameras", "3", "--footage", "360p", "--stdin-lifeline"]);
        await sim.WaitForExitAsync(TimeSpan.FromSeconds(60));       // standard input of a child is empty here
        Assert.Equal(0, sim.ExitCode);
        Assert.Equal(3, sim.Output.Split('\n').Count(line => line.StartsWith("listening rtsp://127.0.0.1:", StringComparison.Ordinal)));
    }

    private static async Task<FakeCameraOptions> OptionsAsync() => new() { Footage = await H264Footage.LoadAsync(FootageSpec.Small) };

    private static async Task<string> RecordAsync(string url, string transport, string path, int seconds = 2)
    {
        await using var ffmpeg = await ChildProcess.StartAsync(
            "ffmpeg",
            [
                "-hide_banner", "-loglevel", "warning", "-rtsp_transport", transport, "-i", url, "-t",
                seconds.ToString(CultureInfo.InvariantCulture), "-c", "copy", "-f", "h264", "-y", path,
            ]);
        await ffmpeg.WaitForExitAsync(TimeSpan.FromSeconds(60));
        return ffmpeg.Output.Trim();
    }
}
