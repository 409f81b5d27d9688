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
        Assert.True(RtspTransportOffer.TryChoose(header, offersUdp: true, out var offer));
        Assert.Equal(new RtspTransportOffer(interleaved, rtp, rtcp), offer);
    }

    [Theory]
    [InlineData("SETUP", Track, "Transport: RTP/SAVP;unicast;client_port=1-2", 461)]
    [InlineData("SETUP", Track, "Transport: RTP/AVP/TCP;interleaved=0-1;mode=record", 461)]
    [InlineData("SETUP", Track, "X: none", 461)]
    [InlineData("SETUP", Camera, "Transport: RTP/AVP/TCP;interleaved=0-1", 459)]
    [InlineData("PLAY", Camera, "X: none", 455)]
    [InlineData("PLAY", Camera, "Session: other", 454)]
    [InlineData("DESCRIBE", Camera, "Require: onvif-replay", 551)]
    [InlineData("ANNOUNCE", Camera, "X: none", 501)]
    public void What_cannot_be_done_is_said(string method, string uri, string header, int status)
    {
        Grant();
        Assert.StartsWith($"RTSP/1.0 {status} ", Text(Receive(method, uri, header)), StringComparison.Ordinal);
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
        var methods = Gen.Elements("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN", "RECORD", "", "ÿ");
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
                    action = session.Authorized(action.Credential);
                }

                Assert.True(granted || action.Kind is RtspActionKind.Reply or RtspActionKind.ReplyAndClose);
                action = action.Kind switch
                {
                    RtspActionKind.Describe => session.Described("v=0\r\n"),
                    RtspActionKind.SetUp => session.SetUp(1, (2, 3)),
                    RtspActionKind.Play => session.Played([new(0, 1, 2)]),
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

    private static RtspMessage Request(string method, string uri, string header)
    {
        var request = new RtspMessage { Method = method, Uri = uri };
        request.Headers.Add("CSeq", "1");
        int colon = header.IndexOf(':', StringComparison.Ordinal);
        request.Headers.Add(header[..colon], header[(colon + 1)..].Trim());
        return request;
    }

    private RtspAction Receive(string method, string uri, string header = "X: none") => _session.Receive(Request(method, uri, header));

    private void Grant()
    {
        Receive("OPTIONS", Camera);
        _session.Authorized(new("T", null, null));
    }

    private static string Text(RtspAction action) => Encoding.UTF8.GetString(action.Reply);
}
