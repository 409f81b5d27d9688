using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Media.Egress;
using Vms.Media.Egress.Rtsp;
using Vms.Rtp.Rtcp;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Egress.Rtsp;

/// <summary>The RTSP server on loopback, seen by a client that looks at every packet.</summary>
public sealed class RtspViewingTests
{
    private const int TicksPerFrame = 3600;

    [Fact]
    public async Task A_viewer_starts_at_the_last_keyframe_and_gets_every_frame_after_it()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(FootageSpec.Small);
        await using var peer = await RtspPeer.ConnectAsync(host);
        var (_, play) = await peer.PlayAsync(host.Rtsp("1"), "RTP/AVP/TCP;unicast;interleaved=0-1");
        await Eventually.TrueAsync(() => peer.Frames >= 30);

        var packets = peer.Packets.ToList();
        Assert.True(StartsWithSps(packets[0].Payload));
        Assert.Contains($"seq={packets[0].Sequence};rtptime={packets[0].Timestamp}", play.Headers["RTP-Info"], StringComparison.Ordinal);
        Assert.All(packets.Zip(packets.Skip(1)), pair => Assert.Equal((ushort)(pair.First.Sequence + 1), pair.Second.Sequence));
        var times = packets.Where(p => p.Marker).Select(p => p.Timestamp).ToList();
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(pair.First + TicksPerFrame, pair.Second));
        Assert.Equal(0, Assert.Single(host.Egress.Rtsp!.Connections).Viewer!.SamplesSkipped);
        await camera.PauseAsync();
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task PLAY_of_a_stream_that_has_just_begun_waits_for_its_keyframe_to_say_where_it_begins()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(FootageSpec.Small);
        await using var peer = await RtspPeer.ConnectAsync(host);
        var playing = peer.PlayAsync(host.Rtsp("1"), "RTP/AVP/TCP;unicast;interleaved=0-1");
        await Eventually.TrueAsync(() => host.Egress.Rtsp!.Connections.Any(c => c.Viewer is not null));
        camera.Write(2);
        var (_, play) = await playing;
        await Eventually.TrueAsync(() => peer.Frames == 2);
        var first = peer.Packets.First();
        Assert.Contains($"seq={first.Sequence};rtptime={first.Timestamp}", play.Headers["RTP-Info"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task PLAY_of_a_stream_without_pictures_is_answered_all_the_same_and_the_pictures_follow()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(FootageSpec.Small);
        await using var peer = await RtspPeer.ConnectAsync(host);
        var (_, play) = await peer.PlayAsync(host.Rtsp("1"), "RTP/AVP/TCP;unicast;interleaved=0-1");
        Assert.Null(play.Headers["RTP-Info"]);
        camera.Write(2);
        await Eventually.TrueAsync(() => peer.Frames == 2);
    }

    [Fact]
    public async Task A_viewer_that_leaves_while_it_waits_for_the_keyframe_leaves_no_trace()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(FootageSpec.Small);
        await using (var peer = await RtspPeer.ConnectAsync(host))
        {
            _ = peer.PlayAsync(host.Rtsp("1"), "RTP/AVP/TCP;unicast;interleaved=0-1");
            await Eventually.TrueAsync(() => host.Egress.Rtsp!.Connections.Any(c => c.Viewer is not null));
            host.Streams.Remove(camera.Stream);
            await Eventually.TrueAsync(() => peer.IsClosed);
        }

        await Eventually.TrueAsync(() => host.Egress.Rtsp!.Connections.Count == 0 && host.Egress.Rtsp.Streams.All.Count == 0);
        Assert.Equal(0, camera.Stream.DemandCount);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task The_first_report_comes_at_once_and_tells_the_wall_clock_of_the_camera()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(FootageSpec.Small);
        camera.Write(FootageSpec.Small.GopLength + 20);
        await using var peer = await RtspPeer.PlayAsync(host);
        await Eventually.TrueAsync(() => !peer.Reports.IsEmpty && peer.Frames == 20);

        var report = SenderReportOf(peer.Reports.First());
        var last = peer.Packets.Last();
        double seconds = (int)(last.Timestamp - report.RtpTimestamp) / 90_000.0;
        double told = NtpTime.ToUnixMicroseconds(report.NtpTimestamp) / 1e6 + seconds;
        Assert.Equal(camera.Last.At.ToUnixTimeMilliseconds() / 1e3, told, 0.25);
        Assert.Equal(last.Ssrc, report.Ssrc);
    }

    [Fact]
    public async Task A_stalled_viewer_skips_to_a_keyframe_and_slows_nobody()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(FootageSpec.FullHd);
        camera.Write(10);
        await using var slow = await RtspPeer.PlayAsync(host);
        await using var fast = await RtspPeer.PlayAsync(host);
        await Eventually.TrueAsync(() => slow.Frames == 10 && fast.Frames == 10);
        var viewer = host.Egress.Rtsp!.Connections.Single(c => c.Id == slow.Session).Viewer!;

        using (await slow.StallAsync())
        {
            while (viewer.SamplesSkipped == 0)
            {
                camera.Write(1);
                await Eventually.TrueAsync(() => fast.Frames == camera.Written);
                Assert.True(camera.Written < 5000, "nothing was ever skipped");
            }

            Assert.InRange(host.Egress.Rtsp.Connections.Single(c => c.Id == slow.Session).Output.QueuedBytes, 0, 4 << 20);
        }

        int missing = 0;
        await Eventually.TrueAsync(() =>
        {
            camera.Write(1);
            var seen = slow.Packets.ToList();
            int hole = Enumerable.Range(1, seen.Count - 1).FirstOrDefault(i => seen[i].Sequence != (ushort)(seen[i - 1].Sequence + 1));
            missing = hole;
            return hole > 0 && seen.Count > hole + 20;
        });
        Assert.True(StartsWithSps(slow.Packets.ElementAt(missing).Payload), "it goes on with a keyframe");
        var packets = fast.Packets.ToList();
        Assert.All(packets.Zip(packets.Skip(1)), pair => Assert.Equal((ushort)(pair.First.Sequence + 1), pair.Second.Sequence));
        Assert.Contains(LiveSessions.List(host.Egress), s => s is { Transport: "rtsp/tcp", Skipped: > 0, User: "tester", CameraId: "1" });
    }

    [Fact]
    public async Task A_camera_that_comes_back_keeps_its_viewers_and_their_time_goes_on()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(FootageSpec.Small);
        camera.Write(30);
        await using var peer = await RtspPeer.PlayAsync(host);
        await Eventually.TrueAsync(() => peer.Frames == 5);
        camera.Reconnect();
        camera.Write(25);
        await Eventually.TrueAsync(() => peer.Frames == 30);

        var times = peer.Packets.Where(p => p.Marker).Select(p => p.Timestamp).ToList();
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange((int)(pair.Second - pair.First), 1, 90_000));
        Assert.Single(peer.Packets.Select(p => p.Ssrc).Distinct());
        Assert.False(peer.IsClosed);
    }

    [Fact]
    public async Task Changed_parameter_sets_come_before_the_keyframe_that_needs_them()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(FootageSpec.Small);
        camera.Write(5);
        await using var peer = await RtspPeer.PlayAsync(host);
        await Eventually.TrueAsync(() => peer.Frames == 5);
        int before = peer.Packets.Count;
        await camera.SwitchAsync(FootageSpec.FullHd);
        camera.Write(1);
        await Eventually.TrueAsync(() => peer.Frames == 6);

        byte[] aggregate = peer.Packets.ElementAt(before).Payload;
        Assert.True(StartsWithSps(aggregate));
        Assert.True(H264Sps.TryParse(aggregate.AsSpan(3, aggregate[1] << 8 | aggregate[2]), out var sps));
        Assert.Equal((1920, 1080), (sps.Width, sps.Height));
    }

    [Fact]
    public async Task Nobody_sees_anything_without_a_right_to_this_camera()
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(FootageSpec.Small)).Write(5);
        await using var peer = await RtspPeer.ConnectAsync(host);
        string server = $"rtsp://{host.Egress.Rtsp!.LocalEndPoint}";
        foreach (string url in (string[])["/cam_1", "/cam_1?ticket=x.y", $"/cam_1?ticket={host.Ticket("2")}", "/cam_1/trackID=0", "/cam_9"])
        {
            foreach (string method in (string[])["OPTIONS", "DESCRIBE", "SETUP", "PLAY"])
                Assert.Equal(401, (await peer.AskAsync(method, server + url)).StatusCode);
        }

        Assert.Equal(404, (await peer.AskAsync("DESCRIBE", host.Rtsp("9"))).StatusCode);
        Assert.Equal(404, (await peer.AskAsync("DESCRIBE", server + "/other?ticket=" + host.Ticket("1"))).StatusCode);
        // Control, who would know users, is not there.
        Assert.Equal(503, (await peer.AskAsync("DESCRIBE", server + "/cam_1", ("Authorization", "Basic dXNlcjpwYXNz"))).StatusCode);
        Assert.Equal(200, (await peer.AskAsync("DESCRIBE", host.Rtsp("1"))).StatusCode);
        Assert.DoesNotContain(host.Log.Lines, l => l.Contains(host.Ticket("1")[..20], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_ticket_that_expires_ends_the_session()
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddRunningCameraAsync(FootageSpec.Small)).Write(0);
        await using var peer = await RtspPeer.PlayAsync(host, "1", host.Ticket("1", lifetime: TimeSpan.FromSeconds(2)));
        await Eventually.TrueAsync(() => peer.Frames > 0);
        var server = host.Egress.Rtsp!;
        var connection = Assert.Single(server.Connections);

        await Eventually.TrueAsync(() =>
        {
            connection.Look(server.Now + TimeSpan.FromSeconds(31));
            return peer.GotGoodbye && peer.IsClosed;
        });
        Assert.Equal(RtspEnd.Unauthorized, connection.Ended);
    }

    [Fact]
    public async Task Viewers_of_a_camera_that_is_removed_are_told()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(FootageSpec.Small);
        await using var peer = await RtspPeer.PlayAsync(host);
        await Eventually.TrueAsync(() => peer.Frames > 0);
        host.Streams.Remove(camera.Stream);
        await Eventually.TrueAsync(() => peer.GotGoodbye && peer.IsClosed);
        await Eventually.TrueAsync(() => host.Egress.Rtsp!.Connections.Count == 0 && host.Egress.Rtsp.Streams.All.Count == 0);
    }

    [Fact]
    public async Task After_pause_and_teardown_nothing_comes_and_play_begins_anew()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(FootageSpec.Small);
        camera.Write(3);
        await using var peer = await RtspPeer.PlayAsync(host);
        await Eventually.TrueAsync(() => peer.Frames == 3);
        Assert.Equal(200, (await peer.AskAsync("PAUSE", host.Rtsp("1"))).StatusCode);
        camera.Write(2);
        Assert.Equal(200, (await peer.AskAsync("PLAY", host.Rtsp("1"))).StatusCode);
        await Eventually.TrueAsync(() => peer.Frames == 3 + 5);
        Assert.Equal(200, (await peer.AskAsync("TEARDOWN", host.Rtsp("1"))).StatusCode);
        Assert.True(peer.GotGoodbye);
        camera.Write(2);
        Assert.Equal(455, (await AskWithoutSessionAsync(peer, "PLAY", host.Rtsp("1"))).StatusCode);
        Assert.Equal(8, peer.Frames);
    }

    [Fact]
    public async Task Datagrams_go_to_the_ports_the_client_named()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(FootageSpec.FullHd);
        camera.Write(20);
        using var rtp = Bound();
        using var rtcp = Bound();
        await using var peer = await RtspPeer.ConnectAsync(host);
        var (setUp, _) = await peer.PlayAsync(host.Rtsp("1"), $"RTP/AVP;unicast;client_port={PortOf(rtp)}-{PortOf(rtcp)};destination=192.0.2.1");

        var (serverRtp, serverRtcp) = host.Egress.Rtsp!.UdpPorts;
        Assert.Equal((0, serverRtp + 1), (serverRtp % 2, serverRtcp));
        Assert.Contains($"server_port={serverRtp}-{serverRtcp};ssrc=", setUp.Headers["Transport"], StringComparison.Ordinal);
        var packets = await ReceiveFramesAsync(rtp, 20);
        Assert.All(packets.Zip(packets.Skip(1)), pair => Assert.Equal((ushort)(pair.First.Sequence + 1), pair.Second.Sequence));
        Assert.Equal(packets[0].Ssrc, SenderReportOf(Receive(rtcp)).Ssrc);
        Assert.Empty(peer.Packets);
        Assert.Contains(LiveSessions.List(host.Egress), s => s is { Transport: "rtsp/udp", Playing: true, Sent: 20 });

        Assert.Equal(200, (await peer.AskAsync("TEARDOWN", host.Rtsp("1"))).StatusCode);
        while (!RtspPeer.HasGoodbye(Receive(rtcp)))
        {
            // A sender report that was due before.
        }
    }

    [Fact]
    public async Task Who_does_not_speak_or_speaks_something_else_is_closed()
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(FootageSpec.Small)).Write(5);
        var server = host.Egress.Rtsp!;
        await using var silent = await RtspPeer.ConnectAsync(host);
        await using var drop = await RtspPeer.ConnectAsync(host);
        await using var web = await RtspPeer.ConnectAsync(host);
        await using var endless = await RtspPeer.ConnectAsync(host);
        await drop.SendAsync(Encoding.ASCII.GetBytes($"DESCRIBE {host.Rtsp("1")} RTSP/1.0\r\nCSeq"));
        await web.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await endless.SendAsync(Encoding.ASCII.GetBytes("OPTIONS * RTSP/1.0\r\nContent-Length: 100000\r\n\r\n"));
        await Eventually.TrueAsync(() => web.IsClosed && endless.IsClosed && server.Connections.Count == 2);
        Assert.Equal(2, server.Counters.Malformed);

        foreach (var connection in server.Connections)
            connection.Look(server.Now + TimeSpan.FromSeconds(11));
        await Eventually.TrueAsync(() => silent.IsClosed && drop.IsClosed);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task A_client_over_UDP_that_falls_silent_is_forgotten()
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(FootageSpec.Small)).Write(5);
        using var rtp = Bound();
        using var rtcp = Bound();
        await using var peer = await RtspPeer.ConnectAsync(host);
        await peer.PlayAsync(host.Rtsp("1"), $"RTP/AVP;unicast;client_port={PortOf(rtp)}-{PortOf(rtcp)}");
        var server = host.Egress.Rtsp!;
        var connection = Assert.Single(server.Connections);
        connection.Look(server.Now + TimeSpan.FromSeconds(60));
        Assert.Equal(RtspEnd.None, connection.Ended);
        connection.Look(server.Now + TimeSpan.FromSeconds(66));
        await Eventually.TrueAsync(() => peer.IsClosed);
        Assert.Equal(RtspEnd.TimedOut, connection.Ended);
    }

    private static Task<Vms.Rtsp.RtspMessage> AskWithoutSessionAsync(RtspPeer peer, string method, string url)
    {
        peer.ForgetSession();
        return peer.AskAsync(method, url);
    }

    private static bool StartsWithSps(byte[] payload) =>
        H264NalHeader.TypeOf(payload[0]) == H264NalUnitType.StapA && H264NalHeader.TypeOf(payload[3]) == H264NalUnitType.Sps;

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000, ReceiveBufferSize = 4 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static string PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture);

    private static byte[] Receive(Socket socket)
    {
        var buffer = new byte[2048];
        return buffer[..socket.Receive(buffer)];
    }

    private static Task<List<ReceivedPacket>> ReceiveFramesAsync(Socket socket, int frames) => Task.Run(() =>
    {
        var packets = new List<ReceivedPacket>();
        while (packets.Count(p => p.Marker) < frames)
            packets.Add(RtspPeer.Parse(Receive(socket)));
        return packets;
    });

    private static RtcpSenderReport SenderReportOf(byte[] compound)
    {
        foreach (var packet in new RtcpReader(compound))
        {
            if (packet.TryReadSenderReport(out var report))
                return report;
        }

        throw new InvalidDataException("There is no sender report.");
    }
}
