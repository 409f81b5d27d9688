using System.Net;
using System.Net.Sockets;
using System.Text;
using Vms.Codecs;
using Vms.Contracts.Media;
using Vms.Hosting;
using Vms.Media.Ingest;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Ingest;

public sealed class FaultTests
{
    /// <summary>How a session is broken: each way must be noticed, healed, and booked.</summary>
    public static TheoryData<string> Breaks => new() { "the camera drops the connection", "the camera says goodbye", "the camera falls silent" };

    [Theory, MemberData(nameof(Breaks))]
    public async Task A_broken_session_is_healed_and_leaves_a_marked_gap(string how)
    {
        await using var server = await IngestRig.CameraAsync();
        var camera = server.Camera(1);
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilCountAsync(30);

        switch (how)
        {
            case "the camera drops the connection":
                camera.DropConnections();
                break;
            case "the camera says goodbye":
                camera.SayGoodbye();
                break;
            default:
                camera.Faults.StopSending = true;
                await Eventually.TrueAsync(() => pipeline.Counters.Reconnects == 1);
                camera.Faults.StopSending = false;
                break;
        }

        await log.UntilAsync(() => log.Samples.Any(s => s.Header.IsDiscontinuity) && log.Samples.Count > 60, "a discontinuity and more");

        Assert.Equal(PullStateKind.Online, pipeline.State.Kind);
        int at = log.Samples.FindIndex(s => s.Header.IsDiscontinuity);
        var (before, after) = (log.Samples[at - 1], log.Samples[at]);
        Assert.Equal(GapCause.CameraOffline, after.Header.Cause);
        Assert.True(after.Header.IsKeyframe);
        Assert.Equal(before.Sequence + 1, after.Sequence);
        Assert.Equal(before.Header.TracksVersion, after.Header.TracksVersion);

        // The line of PTS goes on by the time that passed.
        double frames = (after.Header.Pts - before.Header.Pts) / 3600.0;
        Assert.InRange(frames, after.Stamp.Frame - before.Stamp.Frame - 3, after.Stamp.Frame - before.Stamp.Frame + 3);
        Assert.All(log.Samples.Zip(log.Samples.Skip(1)), pair => Assert.True(pair.Second.Header.Pts > pair.First.Header.Pts));
    }

    [Fact]
    public async Task Where_no_datagram_arrives_auto_falls_back_to_TCP_and_an_explicit_choice_says_so()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { Cameras = 2 });
        server.Camera(1).Faults.DropUdp = true;     // the sockets are one for all its cameras
        server.Camera(1).Faults.RefuseTcp = true;
        await using var rig = new IngestRig();
        var auto = rig.Pull(server.UrlOf(1));
        var asked = rig.Pull(server.UrlOf(2), s => s.Transport = Transport.Udp);

        await IngestRig.UntilAsync(asked, PullStateKind.Offline, PullReason.NoVideo);
        Assert.Contains("UDP", asked.State.Detail, StringComparison.Ordinal);
        server.Camera(1).Faults.RefuseTcp = false;      // a camera that takes one TCP client at a time, and is free again

        await IngestRig.UntilAsync(auto, PullStateKind.Online);
        Assert.Equal(0, server.UdpErrors);
    }

    [Fact]
    public async Task A_camera_that_plays_and_sends_nothing_is_offline_without_video()
    {
        await using var server = await IngestRig.CameraAsync();
        server.Camera(1).Faults.StopSending = true;
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));

        await IngestRig.UntilAsync(pipeline, PullStateKind.Offline, PullReason.NoVideo);

        server.Camera(1).Faults.StopSending = false;
        await IngestRig.UntilAsync(pipeline, PullStateKind.Online);
    }

    [Fact]
    public async Task A_camera_that_answers_nothing_times_out()
    {
        await using var server = await IngestRig.CameraAsync();
        server.Camera(1).Faults.StopAnswering = true;
        await using var rig = new IngestRig(IngestRig.Fast with { RequestTimeout = TimeSpan.FromMilliseconds(300) });
        var pipeline = rig.Pull(server.UrlOf(1));

        await IngestRig.UntilAsync(pipeline, PullStateKind.Offline, PullReason.Timeout);
    }

    [Fact]
    public async Task A_Content_Length_that_promises_too_much_times_out_instead_of_hanging()
    {
        await using var server = await IngestRig.CameraAsync();
        server.Camera(1).Faults.ContentLengthError = 500;
        await using var rig = new IngestRig(IngestRig.Fast with { RequestTimeout = TimeSpan.FromMilliseconds(300) });
        var pipeline = rig.Pull(server.UrlOf(1));

        await IngestRig.UntilAsync(pipeline, PullStateKind.Offline, PullReason.Timeout);
    }

    [Fact]
    public async Task A_wrong_path_is_named()
    {
        await using var server = await IngestRig.CameraAsync();
        server.Camera(1).Faults.RefusePath = true;
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));

        await IngestRig.UntilAsync(pipeline, PullStateKind.Offline, PullReason.NoSuchPath);

        Assert.Contains("404", pipeline.State.Detail, StringComparison.Ordinal);
        server.Camera(1).Faults.RefusePath = false;
        await IngestRig.UntilAsync(pipeline, PullStateKind.Online);
    }

    [Fact]
    public async Task A_codec_that_is_not_supported_is_named()
    {
        await using var server = await IngestRig.CameraAsync();
        server.Camera(1).Faults.UnsupportedCodecOnly = true;
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));

        await IngestRig.UntilAsync(pipeline, PullStateKind.Unsupported, PullReason.UnsupportedCodec);

        Assert.Contains("VP9", pipeline.State.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_port_where_nobody_listens_is_unreachable(bool portable)
    {
        await using var rig = new IngestRig(IngestRig.Fast with { Portable = portable });
        var pipeline = rig.Pull($"rtsp://127.0.0.1:{FreePort.Tcp()}/x");

        await IngestRig.UntilAsync(pipeline, PullStateKind.Offline, PullReason.Unreachable);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_unreachable()
    {
        await using var rig = new IngestRig();
        var pipeline = rig.Pull("rtsp://camera.invalid/x");

        await IngestRig.UntilAsync(pipeline, PullStateKind.Offline, PullReason.Unreachable);

        Assert.Contains("camera.invalid", pipeline.State.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_asked_about_once_more_for_each_address_that_it_leads_to()
    {
        await using var server = await IngestRig.CameraAsync();
        var own = new PlaneOptions
        {
            DataDirectory = "/",
            RunDirectory = "/",
            BindAddress = "127.0.0.1",
            HttpPort = server.Port,
            MediaPort = 0,
            PlaybackPort = 0,
            WebRtcPort = 0,
        };
        await using var rig = new IngestRig(IngestRig.Fast with { Addresses = new CameraAddresses(own) });
        var pipeline = rig.Pull(server.UrlOf(1).Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

        await IngestRig.UntilAsync(pipeline, PullStateKind.Offline, PullReason.Unreachable);

        Assert.Contains("is this installation itself", pipeline.State.Detail, StringComparison.Ordinal);
        Assert.Equal(0, server.Camera(1).Describes);
    }

    [Fact]
    public async Task Oversized_headers_are_refused()
    {
        await using var server = await IngestRig.CameraAsync();
        server.Camera(1).Faults.HeaderPadding = 70_000;
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));

        await IngestRig.UntilAsync(pipeline, PullStateKind.Offline, PullReason.ProtocolViolation);

        Assert.Contains("64 KiB", pipeline.State.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("\u0001\u0002\u0003\u0004")]
    public async Task What_does_not_speak_RTSP_is_said_to(string greeting)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var rig = new IngestRig(IngestRig.Fast with { RequestTimeout = TimeSpan.FromMilliseconds(300) });
        var pipeline = rig.Pull($"rtsp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/x");

        using var client = await listener.AcceptSocketAsync();
        await client.SendAsync(Encoding.Latin1.GetBytes(greeting));

        await IngestRig.UntilAsync(pipeline, PullStateKind.Offline, PullReason.ProtocolViolation);
    }

    [Fact]
    public async Task Garbage_between_frames_is_skipped_and_counted()
    {
        await using var server = await IngestRig.CameraAsync();
        var camera = server.Camera(1);
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilCountAsync(10);

        camera.SendRaw("\r\n\r\n"u8.ToArray());                                   // moonfire #213: allowed for
        camera.SendRaw("$\u0063\0\u0004data"u8.ToArray());                        // a channel nobody asked for
        camera.SendRaw(Enumerable.Range(0, 500).Select(i => (byte)(i * 37)).ToArray());
        int count = log.Samples.Count;
        await log.UntilCountAsync(count + 30);

        log.AssertGapless();
        Assert.InRange(pipeline.Counters.GarbageBytes, 400, 500);
        Assert.Equal(1, pipeline.Counters.ForeignPackets);
        Assert.Equal(1, camera.Plays);
    }

    [Fact]
    public async Task A_frame_length_that_lies_costs_pictures_and_says_so()
    {
        await using var server = await IngestRig.CameraAsync();
        var camera = server.Camera(1);
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilCountAsync(10);

        camera.SendOversizedLength();
        await log.UntilAsync(() => log.Samples.Any(s => s.Header.IsDiscontinuity) && log.Samples[^1].Header.IsKeyframe, "a discontinuity");

        var after = log.Samples.First(s => s.Header.IsDiscontinuity);
        Assert.Equal(GapCause.PacketLoss, after.Header.Cause);
        Assert.True(after.Header.IsKeyframe);
        Assert.True(pipeline.Counters.Lost(GapCause.PacketLoss) > 0);
        AssertUndamaged(log, camera.Footage);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lost_datagrams_cost_pictures_but_none_is_damaged(bool wirePaced)
    {
        await using var server = await IngestRig.CameraAsync(o => o with { WirePaced = wirePaced });
        var camera = server.Camera(1);
        camera.Faults.UdpLoss = 0.01;
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1), s => s.Transport = Transport.Udp);
        using var log = new LogReading(pipeline);

        await log.UntilAsync(() => log.Samples.Count(s => s.Header.IsDiscontinuity) >= 2, "two discontinuities");

        Assert.True(pipeline.Counters.LostPackets > 0);
        AssertUndamaged(log, camera.Footage);
        foreach (var (before, after) in log.Samples.Zip(log.Samples.Skip(1)))
        {
            bool gap = after.Stamp.Frame != before.Stamp.Frame + 1;
            Assert.True(!gap || after.Header.IsDiscontinuity, "a hole is always flagged");
            if (after.Header.IsDiscontinuity)
                Assert.Equal((GapCause.PacketLoss, true), (after.Header.Cause, after.Header.IsKeyframe));
        }

        long missing = log.Samples[^1].Stamp.Frame - log.Samples[0].Stamp.Frame + 1 - log.Samples.Count;
        Assert.InRange(pipeline.Counters.Lost(GapCause.PacketLoss), missing / 2, missing + 60);     // the newest gap may still be open
    }

    [Fact]
    public async Task Datagrams_of_strangers_are_not_taken()
    {
        await using var server = await IngestRig.CameraAsync();
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1), s => s.Transport = Transport.Udp);
        using var log = new LogReading(pipeline);
        await log.UntilCountAsync(5);

        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        foreach (int port in UdpPortsOfThisProcess())
            stranger.SendTo(new byte[] { 0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0x65, 1, 2, 3 }, new IPEndPoint(IPAddress.Loopback, port));
        await Eventually.TrueAsync(() => pipeline.Counters.ForeignPackets > 0);

        int count = log.Samples.Count;
        await log.UntilCountAsync(count + 10);
        log.AssertGapless();
    }

    [Fact]
    public async Task Another_resolution_makes_another_version_of_the_tracks()
    {
        await using var server = await IngestRig.CameraAsync();
        var other = await H264Footage.LoadAsync(FootageSpec.Pattern("other", 320, 192) with { Seconds = 2, BitrateKbps = 300, GopLength = 25 });
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilCountAsync(30);

        server.Camera(1).SwitchTo(other);
        await log.UntilAsync(() => log.Samples.Any(s => (s.Header.Flags & SampleFlags.ParametersChanged) != 0), "changed parameters");

        var changed = log.Samples.First(s => (s.Header.Flags & SampleFlags.ParametersChanged) != 0);
        Assert.True(changed.Header.IsKeyframe);
        Assert.Equal(GapCause.ParametersChanged, changed.Header.Cause);
        Assert.Equal(log.Samples[0].Header.TracksVersion + 1, changed.Header.TracksVersion);
        Assert.Equal((320, 192), (pipeline.Live.Tracks[0].Width, pipeline.Live.Tracks[0].Height));
        Assert.Equal(1, server.Camera(1).Plays);
    }

    [Fact]
    public async Task A_media_clock_that_jumps_is_a_flagged_step_and_PTS_goes_on()
    {
        await using var server = await IngestRig.CameraAsync();
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilCountAsync(20);

        server.Camera(1).Faults.TimestampShiftSeconds = 5000;
        await log.UntilAsync(() => log.Samples.Any(s => s.Header.IsDiscontinuity), "a step");

        var step = log.Samples.First(s => s.Header.IsDiscontinuity);
        Assert.Equal(GapCause.ClockStep, step.Header.Cause);
        Assert.InRange(step.Header.Pts - log.Samples[0].Header.Pts, 0, 60 * 90_000);
        Assert.Equal(Enumerable.Range(0, log.Samples.Count).Select(i => log.Samples[0].Stamp.Frame + (uint)i), log.Frames);
    }

    /// <summary>Each sample holds exactly the bytes of its frame.</summary>
    private static void AssertUndamaged(LogReading log, VideoFootage footage)
    {
        var frames = footage.ToSamples();
        Assert.All(log.Samples, s => Assert.Equal(4 + FrameStamp.SeiLength + frames[(int)(s.Stamp.Frame % frames.Count)].Length, s.Bytes));
    }

    private static IEnumerable<int> UdpPortsOfThisProcess() =>
        System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveUdpListeners()
            .Where(e => e.Address.Equals(IPAddress.Loopback)).Select(e => e.Port);
}
