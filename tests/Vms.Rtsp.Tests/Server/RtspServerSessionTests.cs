using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Vms.Rtsp.Server;

namespace Vms.Rtsp.Tests.Server;

public sealed class RtspServerSessionTests
{
    private const string Camera = "rtsp://vms:8554/cam_1?ticket=T";
    private const string Track = "rtsp://vms:8554/cam_1/trackID=0?ticket=T";

    private readonly RtspServerSession _session = new("abc", offersUdp: true);

    [Fact]
    public void A_client_goes_from_options_to_teardown()
    {
        Assert.Equal(RtspActionKind.Authorize, Receive("OPTIONS", Camera).Kind);
        Assert.Contains("Public: OPTIONS, DESCRIBE, SETUP, PLAY", Text(_session.Authorized(new("T", null, null))), StringComparison.Ordinal);

        Assert.Equal(RtspActionKind.Describe, Receive("DESCRIBE", Camera).Kind);
        Assert.Contains($"Content-Base: {Camera}\r\nContent-Type: application/sdp\r\nContent-Length: 3\r\n\r\nsdp", Text(_session.Described("sdp")), StringComparison.Ordinal);

        var setUp = Receive("SETUP", Track, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1");
        Assert.Equal((RtspActionKind.SetUp, 0, true), (setUp.Kind, setUp.Track, setUp.Transport.IsInterleaved));
        string answer = Text(_session.SetUp(0x1234, default));
        Assert.Contains("Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=00001234\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Session: abc;timeout=60\r\n", answer, StringComparison.Ordinal);

        Assert.Equal(RtspActionKind.Play, Receive("PLAY", Camera, "Session: abc").Kind);
        Assert.Contains($"RTP-Info: url={Track};seq=7;rtptime=90\r\n", Text(_session.Played([new(0, 7, 90)])), StringComparison.Ordinal);
        Assert.True(_session.IsPlaying);
        Assert.StartsWith("RTSP/1.0 200", Text(Receive("GET_PARAMETER", Camera, "Session: abc")), StringComparison.Ordinal);

        Assert.Equal(RtspActionKind.Pause, Receive("PAUSE", Camera, "Session: abc").Kind);
        Assert.Equal(RtspActionKind.Play, Receive("PLAY", Camera, "Session: abc").Kind);
        _session.Played([]);
        Assert.Equal(RtspActionKind.TearDown, Receive("TEARDOWN", Camera, "Session: abc").Kind);
        Assert.False(_session.IsReady);
    }

    [Theory]
    [InlineData("OPTIONS")]
    [InlineData("DESCRIBE")]
    [InlineData("SETUP")]
    [InlineData("PLAY")]
    [InlineData("GET_PARAMETER")]
    [InlineData("TEARDOWN")]
    [InlineData("ANNOUNCE")]
    public void Nothing_is_answered_without_a_credential(string method)
    {
        foreach (string uri in (string[])["rtsp://vms/cam_1", "*"])
        {
            string reply = Text(Receive(method, uri));
            Assert.StartsWith("RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n", reply, StringComparison.Ordinal);
            Assert.Contains("WWW-Authenticate: Basic realm=\"VMS\"\r\n", reply, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_right_for_one_camera_opens_no_other()
    {
        Grant();
        Assert.StartsWith("RTSP/1.0 401", Text(Receive("DESCRIBE", "rtsp://vms/cam_2")), StringComparison.Ordinal);
        Assert.Equal(RtspActionKind.Authorize, Receive("DESCRIBE", "rtsp://vms/cam_2?ticket=T").Kind);
        Assert.Equal(RtspActionKind.Describe, Receive("DESCRIBE", "rtsp://vms/cam_1").Kind);
        Assert.Equal(RtspActionKind.Authorize, Receive("DESCRIBE", "rtsp://vms/cam_1?ticket=other").Kind);
    }

    /// <summary>Basic (RFC 7617) and Bearer; the rest of the pair after the first colon is the password.</summary>
    [Theory]
    [InlineData("Basic dXNlcjpwYTpzcw==", "user", "pa:ss", null)]
    [InlineData("basic dXNlcjo=", "user", "", null)]
    [InlineData("Bearer ticket", null, null, "ticket")]
    [InlineData("Basic !!", null, null, null)]
    [InlineData("Digest username=\"user\"", null, null, null)]
    public void Credentials_are_read_from_the_header(string header, string? username, string? password, string? ticket)
    {
        var credential = RtspCredential.Of(null, header);
        Assert.Equal((username, password, ticket), (credential.Username, credential.Password, credential.Ticket));
        Assert.DoesNotContain("pa:ss", credential.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rtsp://h:8554/cam_1/sub?ticket=a%2Eb&x=1", "/cam_1/sub", null, "a.b", "rtsp://h:8554/cam_1/sub?ticket=a%2Eb&x=1")]
    [InlineData("rtsp://u:p@h/cam_1/", "/cam_1", null, null, "rtsp://h/cam_1")]
    [InlineData("rtsp://h/cam_1/trackID=3?ticket=T", "/cam_1", 3, "T", "rtsp://h/cam_1?ticket=T")]
    [InlineData("rtsp://h/cam_1?ticket=T/trackID=1", "/cam_1", 1, "T", "rtsp://h/cam_1?ticket=T")]
    [InlineData("rtsp://h/cam_1?ticket=T/", "/cam_1", null, "T", "rtsp://h/cam_1?ticket=T")]
    public void Urls_are_taken_apart_however_clients_join_them(string uri, string path, int? track, string? ticket, string baseUri)
    {
        Assert.True(RtspTarget.TryParse(uri, out var target));
        Assert.Equal((path, track, ticket, baseUri), (target.Path, target.Track, target.Ticket, target.BaseUri));
    }

    [Theory]
    [InlineData("RTP/AVP;unicast;client_port=5000-5001", false, 5000, 5001)]
    [InlineData("RTP/AVP/UDP;unicast;client_port=5000;destination=10.9.9.9", false, 5000, 5001)]
    [InlineData("RTP/AVP;multicast,RTP/AVP/TCP;interleaved=4-5", true, 0, 0)]
    [InlineData("RTP/AVP;interleaved=0-1", true, 0, 0)]
    public void The_first_transport_that_both_have_is_taken(string header, bool interleaved, int rtp, int rtcp)
    {
        Assert.True(RtspTransportOffer.TryChoose(header, offersUdp: true, toRecord: false, out var offer));
        Assert.Equal((interleaved, rtp, rtcp), (offer.IsInterleaved, offer.ClientRtpPort, offer.ClientRtcpPort));
    }

    [Theory]
    [InlineData("SETUP", Track, "Transport: RTP/SAVP;unicast;client_port=1-2", 461)]
    [InlineData("SETUP", Track, "Transport: RTP/AVP/TCP;interleaved=0-1;mode=record", 461)]
    [InlineData("SETUP", Track, "X: none", 461)]
    [InlineData("SETUP", Camera, "Transport: RTP/AVP/TCP;interleaved=0-1", 459)]
    [InlineData("PLAY", Camera, "X: none", 455)]
    [InlineData("PLAY", Camera, "Session: other", 454)]
    [InlineData("DESCRIBE", Camera, "Require: onvif-replay", 551)]
    [InlineData("RECORD", Camera, "X: none", 455, RtspPurpose.Publish)]
    [InlineData("ANNOUNCE", Camera, "X: none", 400, RtspPurpose.Publish)]
    [InlineData("MAKE_COFFEE", Camera, "X: none", 501)]
    public void What_cannot_be_done_is_said(string method, string uri, string header, int status, RtspPurpose purpose = RtspPurpose.Watch)
    {
        Grant(purpose);
        Assert.StartsWith($"RTSP/1.0 {status} ", Text(Receive(method, uri, header)), StringComparison.Ordinal);
    }

    /// <summary>Controls as ffmpeg, GStreamer and live555 write them, and where they put them when the URL has a query.</summary>
    [Theory]
    [InlineData("streamid=0", "streamid=1", "rtsp://vms:8554/cam_1?ticket=T/streamid=1")]
    [InlineData("stream=0", "stream=1", "rtsp://vms:8554/cam_1/stream=1?ticket=T")]
    [InlineData("track1", "track2", "rtsp://vms:8554/cam_1/track2")]
    [InlineData("rtsp://vms:8554/cam_1/trackID=1?ticket=T", "rtsp://vms:8554/cam_1/trackID=7?ticket=T", "rtsp://vms:8554/cam_1/trackID=7?ticket=T")]
    public void A_publisher_goes_from_announce_to_teardown(string first, string second, string url)
    {
        Assert.Equal(RtspPurpose.Either, Receive("OPTIONS", Camera).Purpose);
        _session.Authorized(new("T", null, null), RtspPurpose.Publish);
        var announce = _session.Receive(Request("ANNOUNCE", Camera, "Content-Type: application/sdp",
            $"v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:{first}\nm=audio 0 RTP/AVP 8\na=control:{second}\n"));
        Assert.Equal((RtspActionKind.Announce, 2), (announce.Kind, announce.Description!.Media.Count));
        Assert.StartsWith("RTSP/1.0 200", Text(_session.Announced(announce.Description)), StringComparison.Ordinal);

        var setUp = Receive("SETUP", url, "Transport: RTP/AVP/TCP;unicast;interleaved=6-9;mode=record");
        Assert.Equal((RtspActionKind.SetUpToRecord, 1, "/cam_1"), (setUp.Kind, setUp.Track, setUp.Target!.Path));
        Assert.Contains("Transport: RTP/AVP/TCP;unicast;interleaved=6-9;mode=record\r\n", Text(_session.SetUpToRecord(0)), StringComparison.Ordinal);
        Assert.StartsWith("RTSP/1.0 455", Text(Receive("PLAY", Camera, "Session: abc")), StringComparison.Ordinal);

        Assert.Equal(RtspActionKind.Record, Receive("RECORD", Camera, "Session: abc").Kind);
        Assert.StartsWith("RTSP/1.0 200", Text(_session.Recorded()), StringComparison.Ordinal);
        Assert.Equal(RtspActionKind.TearDown, Receive("TEARDOWN", Camera, "Session: abc").Kind);
    }

    [Fact]
    public void A_publisher_over_UDP_is_told_where_to_send()
    {
        Grant(RtspPurpose.Publish);
        var announce = _session.Receive(Request("ANNOUNCE", Camera, "X: none", "m=video 0 RTP/AVP 96\na=control:streamid=0\n"));
        _session.Announced(announce.Description!);
        Assert.Equal(RtspActionKind.SetUpToRecord, Receive("SETUP", Camera + "/streamid=0", "Transport: RTP/AVP/UDP;unicast;client_port=5000-5001;mode=record").Kind);
        Assert.Contains("client_port=5000-5001;server_port=6000-6001;mode=record\r\n", Text(_session.SetUpToRecord(6000)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_right_to_watch_is_not_taken_for_one_to_publish()
    {
        Grant();
        var announce = Receive("ANNOUNCE", Camera);
        Assert.Equal((RtspActionKind.Authorize, RtspPurpose.Publish, "T"), (announce.Kind, announce.Purpose, announce.Credential.Ticket));
        Assert.Equal(RtspPurpose.Watch, Receive("DESCRIBE", "rtsp://vms/cam_2?ticket=T").Purpose);
    }

    [Fact]
    public void A_session_that_stands_takes_another_credential_for_what_it_does_and_for_nothing_else()
    {
        Grant();
        Receive("SETUP", Track, "Transport: RTP/AVP/TCP;interleaved=0-1");
        _session.SetUp(1, default);
        var again = Receive("GET_PARAMETER", "rtsp://vms:8554/cam_1?ticket=other");
        Assert.Equal((RtspActionKind.Authorize, RtspPurpose.Watch), (again.Kind, again.Purpose));
        Assert.StartsWith("RTSP/1.0 455", Text(Receive("ANNOUNCE", "rtsp://vms:8554/cam_1?ticket=other")), StringComparison.Ordinal);
        Assert.StartsWith("RTSP/1.0 455", Text(Receive("RECORD", Camera)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_has_one_presentation_and_one_transport()
    {
        Grant();
        Receive("SETUP", Track, "Transport: RTP/AVP/TCP;interleaved=0-1");
        _session.SetUp(1, default);
        Assert.StartsWith("RTSP/1.0 461", Text(Receive("SETUP", Track, "Transport: RTP/AVP;client_port=6-7")), StringComparison.Ordinal);
        Assert.StartsWith("RTSP/1.0 455", Text(Receive("DESCRIBE", "rtsp://vms/cam_2?ticket=T")), StringComparison.Ordinal);
    }

    /// <summary>Whatever comes, there is one reply to each request, no exception, and no media before a right was shown.</summary>
    [Fact]
    public void Any_sequence_of_requests_is_survived()
    {
        var methods = Gen.Elements("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN", "ANNOUNCE", "RECORD", "", "ÿ");
        var uris = Gen.Elements(Camera, Track, "*", "rtsp://", "rtsp://x", "rtsp://vms/cam_1?ticket=T/trackID=999", "rtsp://vms/cam_1/trackID=", "x://y/\u0001", "");
        var headers = Gen.Elements("Transport: RTP/AVP;client_port=1-2", "Transport: ;;,,=", "Transport: RTP/AVP/TCP", "Session: abc", "Session: ", "Authorization: Basic", "Require: a\tb", "X: y");
        var requests = from method in methods from uri in uris from header in headers select (method, uri, header);
        Prop.ForAll(Gen.ListOf(requests).ToArbitrary(), sequence =>
        {
            var session = new RtspServerSession("abc", offersUdp: true);
            bool granted = false;
            foreach (var (method, uri, header) in sequence)
            {
                var action = session.Receive(Request(method, uri, header));
                if (action.Kind == RtspActionKind.Authorize)
                {
                    granted = true;
                    action = session.Authorized(action.Credential, action.Purpose);
                }

                Assert.True(granted || action.Kind is RtspActionKind.Reply or RtspActionKind.ReplyAndClose);
                action = action.Kind switch
                {
                    RtspActionKind.Describe => session.Described("v=0\r\n"),
                    RtspActionKind.SetUp => session.SetUp(1, (2, 3)),
                    RtspActionKind.Play => session.Played([new(0, 1, 2)]),
                    RtspActionKind.Announce => session.Announced(action.Description!),
                    RtspActionKind.SetUpToRecord => session.SetUpToRecord(6000),
                    RtspActionKind.Record => session.Recorded(),
                    _ => action,
                };
                Assert.StartsWith("RTSP/1.0 ", Text(action), StringComparison.Ordinal);
                Assert.Equal(1, Text(action).Split("RTSP/1.0").Length - 1);
            }
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>Bytes as they come from the network, through the reader: nothing throws, ceilings hold.</summary>
    [Fact]
    public void Any_bytes_are_survived()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            var reader = new RtspMessageReader(maxBodyBytes: 64);
            var session = new RtspServerSession("abc", offersUdp: true);
            byte[] input = [.. "DESCRIBE rtsp://h/cam_1?ticket="u8, .. bytes, .. " RTSP/1.0\r\nCSeq: 1\r\n\r\n"u8, .. bytes];
            var rest = input.AsSpan();
            while (reader.Read(rest) is { Kind: not (RtspItemKind.NeedMore or RtspItemKind.Violation) } item)
            {
                rest = rest[item.Consumed..];
                if (item.Message is { } message)
                    session.Receive(message);
            }
        }).QuickCheckThrowOnFailure();
    }

    private static RtspMessage Request(string method, string uri, string header, string body = "")
    {
        if (method == "ANNOUNCE" && body.Length == 0 && header == "X: y")
            body = "m=video 0 RTP/AVP 96\na=control:streamid=0\n";      // some of the random ones go further
        var request = new RtspMessage { Method = method, Uri = uri, Body = Encoding.UTF8.GetBytes(body) };
        request.Headers.Add("CSeq", "1");
        int colon = header.IndexOf(':', StringComparison.Ordinal);
        request.Headers.Add(header[..colon], header[(colon + 1)..].Trim());
        return request;
    }

    private RtspAction Receive(string method, string uri, string header = "X: none") => _session.Receive(Request(method, uri, header));

    private void Grant(RtspPurpose purpose = RtspPurpose.Watch)
    {
        Receive("OPTIONS", Camera);
        _session.Authorized(new("T", null, null), purpose);
    }

    private static string Text(RtspAction action) => Encoding.UTF8.GetString(action.Reply);
}
