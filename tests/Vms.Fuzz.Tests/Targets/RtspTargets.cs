using System.Text;
using Vms.Rtp;
using Vms.Rtsp;
using Vms.Rtsp.Server;

namespace Vms.Fuzz.Tests.Targets;

/// <summary>RTSP from both ends: what a camera answers, and what a viewer asks.</summary>
internal static class RtspTargets
{
    private static readonly byte[][] s_words =
    [
        .. new[]
        {
            "RTSP/1.0 200 OK\r\n", "RTSP/1.0 401 Unauthorized\r\n", "RTSP/1.0 302 Found\r\n", "RTSP/1.0 454 Session Not Found\r\n", "RTSP/1.0 461 Unsupported Transport\r\n",
            "\r\n\r\n", "\r\n", "CSeq: ", "Content-Length: ", "Content-Base: ", "Session: 1;timeout=", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", stale=true",
            "WWW-Authenticate: Basic realm=\"r\"", "RTP-Info: url=rtsp://c/;seq=1;rtptime=2", "Location: rtsp://127.0.0.1/x", "Public: OPTIONS, GET_PARAMETER", "OPTIONS * RTSP/1.0\r\n",
            "DESCRIBE rtsp://h/cam_1 RTSP/1.0\r\n", "SETUP ", "PLAY ", "TEARDOWN ", "GET_PARAMETER ", "$\0\0\x10",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    private static readonly byte[][] s_sdpWords =
    [
        .. new[]
        {
            "\r\n", "v=0", "m=video 0 RTP/AVP 96", "m=audio 0 RTP/AVP 8", "m=application 0 RTP/AVP 107", "a=rtpmap:96 H264/90000", "a=rtpmap:96 H265/90000", "a=rtpmap:97 MPEG4-GENERIC/16000/2",
            "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=", "sprop-vps=", "sprop-sps=", "config=", "a=control:", "a=control:*", "a=framerate:", "c=IN IP4 239.0.0.1/16", "b=AS:", "a=range:npt=0-", ";", "=", "/",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new FuzzTarget("rtsp-client", Client) { Words = [.. s_words, .. s_sdpWords] },
        new FuzzTarget("rtsp-server", Server) { Words = s_words },
        new FuzzTarget("sdp-of-cameras", Description) { Words = s_sdpWords },
        new FuzzTarget("rtsp-headers", Headers) { Words = s_words },
    ];

    /// <summary>The whole dialogue with a camera: the input is everything it sends.</summary>
    private static void Client(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        if (!RtspUrl.TryParse("rtsp://127.0.0.1:554/stream?x=1", out var url))
            throw new InvalidOperationException("The address of the test is wrong.");
        var session = new RtspSession(new RtspSessionOptions
        {
            Url = url,
            Username = "u",
            Password = "p",
            VideoEncodings = ["H264", "H265", "JPEG"],
            AlsoPulled = _ => true,
            AllowBasicInClear = true,
        });
        session.Start(TimeSpan.Zero);
        var reader = new RtspMessageReader();
        var now = TimeSpan.Zero;
        while (true)
        {
            while (session.TryTakeOutgoing(out _))
                outcome.Add(1);
            var item = reader.Read(input);
            outcome.Add((int)item.Kind);
            if (item.Kind == RtspItemKind.Violation)
                session.Violate(item.Violation);
            if (item.Kind is RtspItemKind.NeedMore or RtspItemKind.Violation)
                break;
            if (item.Message is { } message)
                session.Receive(message, now += TimeSpan.FromSeconds(1));
            else
                outcome.Add(RtpPacketView.TryParse(item.Payload, out _));
            outcome.Add((int)session.State);
            input = input[item.Consumed..];
        }

        session.Tick(now + TimeSpan.FromMinutes(2));
        outcome.Add((int)session.State);
        outcome.Add((int?)session.Failure?.Kind ?? -1);
        outcome.Add(session.Tracks.Count);
        outcome.AddSize(reader.GarbageBytes);
        session.Stop();
    }

    /// <summary>A viewer's connection, every right granted and every question answered.</summary>
    private static void Server(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        var session = new RtspServerSession("session", offersUdp: true);
        var reader = new RtspMessageReader(maxBodyBytes: 64 << 10);
        while (true)
        {
            var item = reader.Read(input);
            outcome.Add((int)item.Kind);
            if (item.Kind is RtspItemKind.NeedMore or RtspItemKind.Violation)
                return;
            if (item.Message is { } message && Serve(session, session.Receive(message), ref outcome))
                return;
            input = input[item.Consumed..];
        }
    }

    /// <returns>The connection is closed.</returns>
    private static bool Serve(RtspServerSession session, RtspAction action, ref Outcome outcome)
    {
        if (action.Kind == RtspActionKind.Authorize)
            action = session.Authorized(action.Credential);
        outcome.Add((int)action.Kind);
        action = action.Kind switch
        {
            RtspActionKind.Describe => session.Described("v=0\r\n"),
            RtspActionKind.SetUp => session.SetUp(1, (2, 3)),
            RtspActionKind.Play => session.Played([new RtspTrackStart(0, 1, 2)]),
            _ => action,
        };
        outcome.AddSize(action.Reply.Length);
        outcome.Add(session.IsPlaying);
        return action.Kind == RtspActionKind.ReplyAndClose;
    }

    private static void Description(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        var description = SessionDescription.Parse(input);
        if (description is null)
            return;

        outcome.Add(description.Media.Count);
        foreach (var media in description.Media)
        {
            outcome.AddSize(media.Encoding.Length);
            outcome.Add(media.ClockRate);
        }
    }

    /// <summary>Values of single headers, one a line.</summary>
    private static void Headers(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        foreach (var line in input.Split((byte)'\n'))
        {
            string value = Encoding.Latin1.GetString(input[line]);
            var transport = TransportHeader.Parse(value);
            outcome.Add((transport.IsInterleaved ? 1 : 0) | (transport.IsMulticast ? 2 : 0) | (transport.ServerRtpPort is null ? 0 : 4) | (transport.Ssrc is null ? 0 : 8));
            outcome.Add(RtpInfo.Parse(value).Count);
            outcome.Add((int?)RtspChallenge.Strongest([value])?.Scheme ?? -1);
            outcome.Add(RtspUrl.TryParse(value, out _));
            outcome.Add(RtspTarget.TryParse(value, out _));
        }

        outcome.Add(Math.Sign(RtspHttpTunnel.ReadAnswer(input, out int status)));
        outcome.Add(status);
    }
}
