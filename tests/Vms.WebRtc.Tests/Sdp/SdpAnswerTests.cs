using System.Net;
using Vms.WebRtc.Ice;
using Vms.WebRtc.Sdp;

namespace Vms.WebRtc.Tests.Sdp;

/// <summary>Offers of real browsers: Chromium 156 and Firefox ESR 153, recorded; <c>firefox.sdp</c> is the recorded one with the
/// H.264 lines that Firefox adds once its OpenH264 plug-in is there.</summary>
public sealed class SdpAnswerTests
{
    private static readonly LocalTransport s_local = new(
        new IceCredentials("ourfrag+", "our/password/of/24/chars"),
        DtlsFingerprint.Sha256Of([1, 2, 3]),
        [new IceCandidate(IPEndPoint.Parse("192.0.2.1:8189"), IceTransport.Udp),
            new IceCandidate(IPEndPoint.Parse("[2001:db8::1]:8189"), IceTransport.Udp),
            new IceCandidate(IPEndPoint.Parse("192.0.2.1:8189"), IceTransport.Tcp)]);

    public static TheoryData<string, string, byte, byte?> Choices => new()
    {
        // offer, SPS of the stream, payload type, its retransmission
        { "chromium", "42e01f", 108, 109 },
        { "chromium", "42c028", 108, 109 },     // constraint_set1: Constrained Baseline
        { "chromium", "420028", 102, 103 },
        { "chromium", "4d0028", 116, 117 },
        { "chromium", "640028", 116, 117 },     // High without B-frames decodes under Main
        { "chromium-audio", "4d0028", 116, 117 },
        { "firefox", "4d0028", 126, 127 },
        { "firefox", "42e01f", 126, 127 },
    };

    [Theory, MemberData(nameof(Choices))]
    public void The_payload_type_fits_the_stream(string offer, string sps, byte payloadType, byte? rtx)
    {
        Assert.Equal(SdpRefusal.None, SdpAnswer.TryCreate(Offer(offer), s_local, Video(sps), null, out var answer));
        Assert.Equal(payloadType, answer!.Video.PayloadType);
        Assert.Equal(rtx, answer.Video.RtxPayloadType);
        Assert.True(answer.Video.Nack);
        Assert.Contains($"\r\nm=video 8189 UDP/TLS/RTP/SAVPF {payloadType} {rtx}\r\n", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_answer_to_Chromium_says_all_that_it_needs()
    {
        SdpAnswer.TryCreate(Offer("chromium-audio"), s_local, Video("4d0028"), null, out var answer);
        var lines = answer!.Text.Split("\r\n");
        Assert.Equal("v=0", lines[0]);
        foreach (var line in new[]
        {
            "a=ice-lite", "a=group:BUNDLE 1", "m=audio 0 UDP/TLS/RTP/SAVPF 111", "a=mid:0", "a=inactive",
            "m=video 8189 UDP/TLS/RTP/SAVPF 116 117", "c=IN IP4 192.0.2.1", "a=mid:1", "a=sendonly", "a=rtcp-mux", "a=rtcp-rsize",
            "a=ice-ufrag:ourfrag+", "a=ice-pwd:our/password/of/24/chars", "a=fingerprint:" + s_local.Fingerprint, "a=setup:passive",
            "a=rtpmap:116 H264/90000", "a=fmtp:116 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f",
            "a=rtcp-fb:116 nack", "a=rtcp-fb:116 nack pli", "a=rtcp-fb:116 ccm fir", "a=rtpmap:117 rtx/90000", "a=fmtp:117 apt=116",
            "a=ssrc-group:FID 1111 2222", "a=ssrc:1111 cname:cam", "a=ssrc:2222 cname:cam", "a=msid:cam video", "a=end-of-candidates",
        })
            Assert.Contains(line, lines);
        Assert.DoesNotContain(lines, l => l.Contains("transport-cc", StringComparison.Ordinal) || l.StartsWith("a=extmap", StringComparison.Ordinal));

        var candidates = lines.Where(l => l.StartsWith("a=candidate:", StringComparison.Ordinal)).ToArray();
        Assert.Equal(3, candidates.Length);
        Assert.EndsWith("192.0.2.1 8189 typ host", candidates[0], StringComparison.Ordinal);
        Assert.EndsWith("2001:db8::1 8189 typ host", candidates[1], StringComparison.Ordinal);
        Assert.EndsWith("192.0.2.1 8189 typ host tcptype passive", candidates[2], StringComparison.Ordinal);
        var priorities = candidates.Select(c => uint.Parse(c.Split(' ')[3])).ToArray();
        Assert.True(priorities[0] > priorities[1] && priorities[1] > priorities[2]);
    }

    [Fact]
    public void The_answer_can_itself_be_parsed()
    {
        SdpAnswer.TryCreate(Offer("firefox"), s_local, Video("4d0028"), null, out var answer);
        Assert.True(SdpDescription.TryParse(answer!.Text, out var description));
        Assert.Equal(["audio", "video"], description.Media.Select(m => m.Kind));
        Assert.True(description.Media[0].IsDisabled);
    }

    public static TheoryData<string, string, string, SdpRefusal> Refusals => new()
    {
        { "Firefox without its plug-in", "", "", SdpRefusal.NoH264 },
        { "no RTCP multiplexing", "a=rtcp-mux", "a=x", SdpRefusal.NoRtcpMux },
        { "the viewer wants to send", "a=recvonly", "a=sendonly", SdpRefusal.NoVideo },
        { "video switched off", "m=video 9", "m=video 0", SdpRefusal.NoVideo },
        { "no fingerprint", "a=fingerprint:sha-256", "a=fingerprint:sha-1", SdpRefusal.NoFingerprint },
        { "insists on being DTLS server", "a=setup:actpass", "a=setup:passive", SdpRefusal.DtlsRole },
        { "no ICE", "a=ice-ufrag", "a=x", SdpRefusal.NoIce },
        { "only packetization-mode 0", "packetization-mode=1", "packetization-mode=0", SdpRefusal.NoH264 },
        { "H.264 with another clock", "H264/90000", "H264/48000", SdpRefusal.NoH264 },
        { "RTP without DTLS", "UDP/TLS/RTP/SAVPF", "RTP/AVP", SdpRefusal.NoVideo },
        { "a port that is none", "m=video 9", "m=video x", SdpRefusal.Malformed },
    };

    [Theory, MemberData(nameof(Refusals))]
    public void What_cannot_be_served_is_refused_with_its_reason(string what, string remove, string insert, SdpRefusal expected)
    {
        var offer = remove.Length == 0
            ? Offer("firefox-without-openh264")
            : Offer("chromium").Replace(remove, insert, StringComparison.Ordinal);
        var refusal = SdpAnswer.TryCreate(offer, s_local, Video("4d0028"), null, out var answer);
        Assert.True(expected == refusal, $"{what}: {refusal}");
        Assert.Null(answer);
    }

    [Fact]
    public void Transport_attributes_are_found_on_the_session_or_on_the_bundles_carrier()
    {
        // Firefox of old puts the fingerprint on the session; a bundle-only section has none of its own.
        const string Offer = """
            v=0
            a=group:BUNDLE a v
            a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F
            m=audio 9 UDP/TLS/RTP/SAVPF 0
            a=mid:a
            a=ice-ufrag:abcd
            a=ice-pwd:0123456789012345678901
            a=setup:actpass
            m=video 0 UDP/TLS/RTP/SAVPF 96
            a=bundle-only
            a=mid:v
            a=rtcp-mux
            a=rtpmap:96 h264/90000
            a=fmtp:96 Packetization-Mode=1; profile-level-id=42E01F
            """;
        Assert.Equal(SdpRefusal.None, SdpAnswer.TryCreate(Offer, s_local, Video("42e01f"), null, out var answer));
        Assert.Equal("abcd", answer!.Video.Transport.UserFragment);
        Assert.False(answer.Video.Nack);
        Assert.Null(answer.Video.RtxPayloadType);
    }

    [Fact]
    public void Ceilings_hold()
    {
        Assert.False(SdpDescription.TryParse(new string('a', SdpDescription.MaxLength + 1), out _));
        Assert.False(SdpDescription.TryParse("m=video 9 x 1\na=" + new string('b', SdpDescription.MaxLineLength), out _));
        Assert.False(SdpDescription.TryParse(string.Concat(Enumerable.Repeat("m=video 9 x 1\n", SdpDescription.MaxMediaSections + 1)), out _));
        Assert.False(SdpDescription.TryParse(
            "m=video 9 x 1\n" + string.Concat(Enumerable.Repeat("a=b\n", SdpDescription.MaxAttributesPerSection + 1)), out _));
    }

    [Fact]
    public void Damaged_offers_never_throw()
    {
        var random = new Random(5);
        var offer = Offer("chromium-audio");
        for (int i = 0; i < 2000; i++)
        {
            var damaged = offer.ToCharArray();
            for (int hits = random.Next(1, 30); hits > 0; hits--)
                damaged[random.Next(damaged.Length)] = (char)random.Next(9, 128);
            SdpAnswer.TryCreate(damaged, s_local, Video("4d0028"), null, out _);
        }
    }

    private static LocalVideo Video(string sps)
    {
        Assert.True(H264ProfileLevelId.TryParse(sps, out var profile));
        return new LocalVideo(1111, 2222, "cam", profile);
    }

    private static string Offer(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Sdp", "Offers", name + ".sdp"));
}
