using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Vms.Media.Egress;
using Vms.Media.Egress.WebRtc;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.WebRtc.Ice;

namespace Vms.Media.Tests.Egress;

/// <summary>WHEP, DTLS, SRTP and RTCP on loopback against a peer of our own; the browsers' word is in <see cref="ChromiumViewingTests"/>.</summary>
public sealed class WebRtcViewingTests(ITestOutputHelper output)
{
    private static readonly FootageSpec s_footage = FootageSpec.Small;

    [Theory]
    [InlineData("SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", 7)]
    [InlineData("SRTP_AES128_CM_SHA1_80", 1)]
    public async Task A_viewer_gets_every_frame_from_the_last_keyframe_on(string profiles, int expected)
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(s_footage.GopLength + 10);     // a GOP, a keyframe and nine more

        using var peer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Profiles = profiles });
        await Eventually.TrueAsync(() => peer.Frames == 10);
        camera.Write(15);
        await Eventually.TrueAsync(() => peer.Frames == 25);
        Assert.Equal(expected, peer.Profile!.Value);
        Assert.Equal(0, peer.Holes);
        await Eventually.TrueAsync(() => peer.SenderReports > 0);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task A_viewer_without_UDP_gets_the_same_by_TCP()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(s_footage.GopLength + 10);
        using var peer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Tcp = true, Keep = true });
        await Eventually.TrueAsync(() => peer.Frames == 10);
        camera.Write(15);
        await Eventually.TrueAsync(() => peer.Frames == 25 && peer.SenderReports > 0);
        Assert.Equal((0, 0), (peer.Holes, peer.Forged));

        using var response = await host.Http.DeleteAsync(peer.Location);
        await Eventually.TrueAsync(() => peer.SaidGoodbye);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task A_TCP_viewer_that_hangs_up_is_gone_at_once()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(s_footage);
        var peer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Tcp = true });
        await peer.Playing;
        peer.Dispose();
        await Eventually.TrueAsync(() => !host.Egress.WebRtc!.Sessions.Any());
    }

    [Theory]
    [InlineData("0801")]                            // longer than any packet
    [InlineData("000100000000000000000000")]        // short nonsense
    [InlineData("")]                                // silence
    public async Task A_TCP_connection_without_a_valid_check_is_closed(string hex)
    {
        await using var host = await EgressHost.StartAsync();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(host.Egress.WebRtc!.LocalEndPoint);
        await socket.SendAsync(Convert.FromHexString(hex));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[10], deadline.Token));
        }
        catch (SocketException e)
        {
            Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);   // closed while our side was still being read
        }

        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task What_arrives_is_what_the_camera_sent()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(40);
        using var peer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Keep = true });
        await Eventually.TrueAsync(() => peer.Frames == 15);

        var footage = await H264Footage.LoadAsync(s_footage);
        var sent = footage.ToSamples().Skip(25).Take(15).ToList();
        var received = Depacketize(peer.Kept, out var parameterSets);
        Assert.Equal(sent, received);
        Assert.Equal([footage.Sps.ToArray(), footage.Pps.ToArray()], parameterSets);
        Assert.Equal(0, peer.Forged);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_packet_is_sent_again(bool rtx)
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(s_footage);
        using var peer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { LoseEvery = 7, Rtx = rtx, Keep = true });
        await Eventually.TrueAsync(() => peer.Packets > 150);
        await Eventually.TrueAsync(() => peer.Missing == 0 || peer.Packets > 5000);
        Assert.Equal(0, peer.Forged);
        Assert.Equal(rtx, peer.Retransmissions > 0);
        Assert.True(host.Egress.WebRtc!.Counters.Retransmitted > 10);
    }

    [Fact]
    public async Task A_packet_sent_again_without_RTX_has_the_same_bytes()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(30);
        using var peer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Rtx = false, Keep = true });
        await Eventually.TrueAsync(() => peer.Frames == 5);
        var first = peer.Kept.First();
        peer.SendNack(first.SequenceNumber);
        await Eventually.TrueAsync(() => peer.Kept.Count(p => p.SequenceNumber == first.SequenceNumber) == 2);
        Assert.Equal(first.Wire, peer.Kept.Last(p => p.SequenceNumber == first.SequenceNumber).Wire);
    }

    [Fact]
    public async Task A_viewer_that_asks_for_a_picture_gets_the_last_keyframe_again()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(30);
        using var peer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Keep = true });
        await Eventually.TrueAsync(() => peer.Frames == 5);
        uint last = peer.Kept.Last().Timestamp;

        peer.SendPictureLoss();
        await Eventually.TrueAsync(() => peer.Frames == 10);
        var again = peer.Kept.Skip(peer.Kept.Count / 2).ToList();
        Assert.All(again, p => Assert.True((int)(p.Timestamp - last) > 0));
        Assert.Equal(0, peer.Holes);

        // Once is enough for a while.
        peer.SendPictureLoss();
        camera.Write(1);
        await Eventually.TrueAsync(() => peer.Frames == 11);
    }

    [Fact]
    public async Task Viewers_stay_attached_while_the_camera_reconnects()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage);
        camera.Write(25);
        using var peer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Keep = true });
        await Eventually.TrueAsync(() => peer.Frames == 25);
        uint before = peer.Kept.Last().Timestamp;

        camera.Reconnect();
        camera.Write(25);
        await Eventually.TrueAsync(() => peer.Frames == 50);
        Assert.Equal(0, peer.Holes);
        uint step = peer.Kept.First(p => p.Timestamp - before is > 0 and < uint.MaxValue / 2).Timestamp - before;
        Assert.InRange(step, 1u, 90_000u * 20);
    }

    [Fact]
    public async Task All_viewers_leave_no_trace()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(s_footage);
        using var deleted = await WebRtcPeer.JoinAsync(host, "1");
        using var gone = await WebRtcPeer.JoinAsync(host, "1");
        await Task.WhenAll(deleted.Playing, gone.Playing);
        Assert.Equal(2, host.Egress.WebRtc!.Streams.Single().Viewers.Count);

        using var response = await host.Http.DeleteAsync(deleted.Location);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Eventually.TrueAsync(() => deleted.SaidGoodbye);
        using var second = await host.Http.DeleteAsync(deleted.Location);
        Assert.Equal(HttpStatusCode.NotFound, second.StatusCode);

        gone.SayGoodbye();
        await Eventually.TrueAsync(() => !host.Egress.WebRtc.Sessions.Any() && !host.Egress.WebRtc.Streams.Any());
        await Eventually.TrueAsync(() => host.Streams.All.Single().DemandCount == 0);
    }

    [Fact]
    public async Task The_operator_sees_who_is_watching()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(s_footage);
        using var peer = await WebRtcPeer.JoinAsync(host, "1");
        await peer.Playing;
        var session = Assert.Single(LiveSessions.List(host.Egress));
        Assert.Equal(("1", "main", "webrtc", "tester", true), (session.CameraId, session.Stream, session.Transport, session.User, session.Playing));
        using var fromOutside = await host.Http.GetAsync(new Uri(host.Url, "/live/sessions"));
        Assert.Equal(HttpStatusCode.NotFound, fromOutside.StatusCode);
    }

    [Fact]
    public async Task Reports_are_a_sign_of_life_for_a_viewer_that_sends_no_checks_any_more()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(s_footage);
        using var peer = await WebRtcPeer.JoinAsync(host, "1");
        await peer.Playing;
        await peer.StopCheckingAsync(host);
        var server = host.Egress.WebRtc!;
        var session = Assert.Single(server.Sessions);
        var afterTheLastCheck = server.Now + IceLiteAgent.ConsentTimeout + TimeSpan.FromTicks(1);
        Assert.Equal(SessionEnd.ConsentExpired, session.Overdue(afterTheLastCheck));

        peer.SendPictureLoss();
        await Eventually.TrueAsync(() => session.Overdue(afterTheLastCheck) == SessionEnd.None);
        Assert.Equal(SessionEnd.ConsentExpired, session.Overdue(server.Now + IceLiteAgent.ConsentTimeout + TimeSpan.FromTicks(1)));
    }

    [Fact]
    public async Task Noise_on_the_port_disturbs_nobody()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(s_footage);
        using var peer = await WebRtcPeer.JoinAsync(host, "1");
        await peer.Playing;
        using var noise = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var random = new Random(9);
        var datagram = new byte[1500];
        for (int i = 0; i < 3000; i++)
        {
            random.NextBytes(datagram);
            datagram[0] = (byte)(i % 4 == 0 ? 22 : i % 4 == 1 ? 0 : i % 4 == 2 ? 0x80 : i);
            noise.SendTo(datagram.AsSpan(0, random.Next(1, datagram.Length)), host.Egress.WebRtc!.LocalEndPoint);
        }

        int frames = peer.Frames;
        await Eventually.TrueAsync(() => peer.Frames > frames + 10);
        Assert.Equal(0, peer.Holes);
        Assert.Single(host.Egress.WebRtc!.Sessions);
        Assert.True(host.Egress.WebRtc.Counters.UnauthenticatedDatagrams > 0);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task A_removed_stream_ends_its_sessions()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(s_footage);
        using var peer = await WebRtcPeer.JoinAsync(host, "1");
        await peer.Playing;
        host.Streams.Remove(camera.Stream);
        await Eventually.TrueAsync(() => peer.SaidGoodbye && !host.Egress.WebRtc!.Sessions.Any());
    }

    [Fact]
    public async Task A_peer_with_another_certificate_than_announced_gets_nothing()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(s_footage);
        var wrong = "sha-256 " + string.Join(':', Enumerable.Repeat("AB", 32));
        using var peer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Fingerprint = wrong });
        await Eventually.TrueAsync(() => !host.Egress.WebRtc!.Sessions.Any());
        Assert.Equal(0, peer.Packets);
        Assert.Contains(host.Log.Lines, l => l.Contains("WrongFingerprint", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hundred_viewers_join_at_once()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(s_footage);
        var peers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => WebRtcPeer.JoinAsync(host, "1")));
        await Task.WhenAll(peers.Select(p => p.Playing)).WaitAsync(TimeSpan.FromSeconds(60));
        var joins = peers.Select(p => p.JoinTime.TotalMilliseconds).Order().ToList();
        output.WriteLine($"first packet after the first check: median {joins[50]:F0} ms, slowest {joins[^1]:F0} ms");
        output.WriteLine($"datagrams from strangers: {peers.Sum(p => p.FromStrangers)}");
        Assert.All(peers, p => Assert.Equal((0, 0), (p.Holes, p.Foreign)));
        foreach (var peer in peers)
            peer.Dispose();
    }

    public static TheoryData<string, string, string, HttpStatusCode, string> Refusals => new()
    {
        // camera, content type, offer, status, code
        { "9", "application/sdp", "v=0", HttpStatusCode.NotFound, "streamNotFound" },
        { "1", "text/plain", "v=0", HttpStatusCode.UnsupportedMediaType, "unsupportedMediaType" },
        { "1", "application/sdp", "", HttpStatusCode.BadRequest, "malformed" },
        { "1", "application/sdp", "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", HttpStatusCode.BadRequest, "noVideo" },
        { "1", "application/sdp", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n", HttpStatusCode.BadRequest, "noH264" },
        { "1", "application/sdp", "LONG", HttpStatusCode.RequestEntityTooLarge, "offerTooLarge" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task A_bad_offer_is_refused_with_its_reason(
        string camera, string contentType, string offer, HttpStatusCode status, string code)
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(s_footage)).Write(1);
        var (actual, body, _) = await PostAsync(host, host.Whep(camera), contentType, offer == "LONG" ? new string('x', 70_000) : offer);
        Assert.Equal(status, actual);
        Assert.Contains($"\"code\":\"{code}\"", body, StringComparison.Ordinal);
        Assert.Empty(host.Egress.WebRtc!.Sessions);
    }

    [Fact]
    public async Task Nothing_works_without_a_ticket_for_the_camera()
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(s_footage)).Write(1);
        foreach (var ticket in new[] { "", "x.y", host.Ticket("2") })
        {
            var (status, body, headers) = await PostAsync(host, host.Whep("1", ticket), "application/sdp", "v=0");
            Assert.Equal(HttpStatusCode.Unauthorized, status);
            Assert.Contains("ticketRequired", body, StringComparison.Ordinal);
            Assert.Equal("*", headers.GetValues("Access-Control-Allow-Origin").Single());
        }
    }

    [Fact]
    public async Task A_player_on_another_page_may_use_WHEP()
    {
        await using var host = await EgressHost.StartAsync();
        using var preflight = new HttpRequestMessage(HttpMethod.Options, host.Whep("1"));
        using var response = await host.Http.SendAsync(preflight);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("Location", response.Headers.GetValues("Access-Control-Expose-Headers").Single(), StringComparison.Ordinal);
        Assert.Contains("PATCH", response.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trickled_candidates_are_taken_and_not_needed()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(s_footage);
        using var peer = await WebRtcPeer.JoinAsync(host, "1");
        using var content = new StringContent("a=candidate:1 1 udp 1 192.0.2.1 5 typ host");
        content.Headers.ContentType = new MediaTypeHeaderValue("application/trickle-ice-sdpfrag");
        using var response = await host.Http.PatchAsync(peer.Location, content);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        await peer.Playing;
    }

    [Fact]
    public async Task A_stream_with_B_frames_is_left_to_MSE()
    {
        await using var host = await EgressHost.StartAsync();
        (await host.AddCameraAsync(FootageSpec.Small with { Name = "bframes", BFrames = 2, Seconds = 2 })).Write(1);
        var (status, body, _) = await PostAsync(host, host.Whep("1"), "application/sdp", "v=0");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("\"code\":\"bFrames\"", body, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string Body, HttpResponseHeaders Headers)> PostAsync(
        EgressHost host, Uri url, string contentType, string offer)
    {
        using var content = new StringContent(offer);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        using var response = await host.Http.PostAsync(url, content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers);
    }

    /// <summary>Puts the packets together again: samples without parameter sets, and those apart.</summary>
    private static List<byte[]> Depacketize(IEnumerable<PeerPacket> packets, out List<byte[]> parameterSets)
    {
        var samples = new List<byte[]>();
        var nals = new List<byte[]>();
        var fragment = new List<byte>();
        parameterSets = [];
        foreach (var packet in packets.OrderBy(p => p.SequenceNumber))
        {
            var payload = packet.Payload;
            switch (payload[0] & 31)
            {
                case 24:
                    for (int at = 1; at < payload.Length;)
                    {
                        int length = payload[at] << 8 | payload[at + 1];
                        nals.Add(payload[(at + 2)..(at + 2 + length)]);
                        at += 2 + length;
                    }

                    break;
                case 28:
                    if ((payload[1] & 0x80) != 0)
                        fragment = [(byte)(payload[0] & 0xE0 | payload[1] & 31)];
                    fragment.AddRange(payload[2..]);
                    if ((payload[1] & 0x40) != 0)
                        nals.Add([.. fragment]);
                    break;
                default:
                    nals.Add(payload);
                    break;
            }

            if (!packet.Marker)
                continue;
            parameterSets.AddRange(nals.Where(IsParameterSet));
            samples.Add([.. nals.Where(n => !IsParameterSet(n)).SelectMany(n =>
                (byte[])[(byte)(n.Length >> 24), (byte)(n.Length >> 16), (byte)(n.Length >> 8), (byte)n.Length, .. n])]);
            nals.Clear();
        }

        return samples;

        static bool IsParameterSet(byte[] nal) => (nal[0] & 31) is 7 or 8;
    }
}
