using System.Net;
using Vms.WebRtc.Ice;
using Vms.WebRtc.Sdp;

namespace Vms.WebRtc.Tests.Sdp;

public sealed class SdpOfferTests
{
    private static readonly LocalTransport s_local = new(
        new IceCredentials("ourfrag+", "our/password/of/24/chars"), DtlsFingerprint.Sha256Of([1, 2, 3]),
        [new IceCandidate(IPEndPoint.Parse("192.0.2.1:8189"), IceTransport.Udp)]);

    private static readonly H264ProfileLevelId s_main = new(0x4D, 0x00, 0x28);

    [Fact]
    public void Our_offer_leaves_the_DTLS_role_to_the_peer_and_offers_every_profile()
    {
        var lines = SdpOffer.Create(s_local, new LocalVideo(1, 2, "cam", s_main), null).Split("\r\n");
        Assert.Contains("a=setup:actpass", lines);
        Assert.Contains("a=sendonly", lines);
        Assert.Contains("a=ice-lite", lines);
        Assert.Equal(3, lines.Count(l => l.EndsWith("H264/90000", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_answer_picks_the_best_of_what_it_kept()
    {
        Assert.Equal(SdpRefusal.None, SdpOffer.TryReadAnswer(Answer("96 98 99"), s_main, null, out var video, out _));
        Assert.Equal(98, video!.PayloadType);
        Assert.Equal((byte)99, video.RtxPayloadType);
        Assert.Equal("abcd", video.Transport.UserFragment);

        Assert.Equal(SdpRefusal.None, SdpOffer.TryReadAnswer(Answer("96"), s_main, null, out video, out _));
        Assert.Equal(96, video!.PayloadType);
        Assert.Null(video.RtxPayloadType);
    }

    [Theory]
    [InlineData("a=setup:active", "a=setup:passive", SdpRefusal.DtlsRole)]
    [InlineData("m=video 9", "m=video 0", SdpRefusal.NoVideo)]
    [InlineData("a=recvonly", "a=inactive", SdpRefusal.NoVideo)]
    [InlineData("H264/90000", "VP8/90000", SdpRefusal.NoH264)]
    public void An_answer_that_is_of_no_use_says_why(string remove, string insert, SdpRefusal expected) =>
        Assert.Equal(expected, SdpOffer.TryReadAnswer(Answer("96").Replace(remove, insert, StringComparison.Ordinal), s_main, null, out _, out _));

    private static string Answer(string formats) => $"""
        v=0
        a=group:BUNDLE 0
        m=video 9 UDP/TLS/RTP/SAVPF {formats}
        a=mid:0
        a=recvonly
        a=rtcp-mux
        a=ice-ufrag:abcd
        a=ice-pwd:0123456789012345678901
        a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F
        a=setup:active
        a=rtpmap:96 H264/90000
        a=fmtp:96 packetization-mode=1;profile-level-id=42e01f
        a=rtcp-fb:96 nack
        a=rtpmap:98 H264/90000
        a=fmtp:98 packetization-mode=1;profile-level-id=4d001f
        a=rtcp-fb:98 nack
        a=rtpmap:99 rtx/90000
        a=fmtp:99 apt=98
        """;
}
