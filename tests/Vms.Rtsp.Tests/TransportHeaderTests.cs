namespace Vms.Rtsp.Tests;

public sealed class TransportHeaderTests
{
    public static TheoryData<string, string?, TransportHeader> Cases => new()
    {
        { "as the RFC has it", "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1A2B3C4D", Interleaved(0, 1, 0x1A2B3C4D) },
        { "other channels than asked", "RTP/AVP/TCP;interleaved=4-5", Interleaved(4, 5) },
        { "one channel", "RTP/AVP/TCP;unicast;interleaved=2", Interleaved(2, 3) },
        { "no /TCP (Escam Q6; ffmpeg fails)", "RTP/AVP;unicast;interleaved=0-1", Interleaved(0, 1) },
        { "blanks and capitals", "rtp/avp/tcp; Unicast; Interleaved = 0 - 1", Interleaved(0, 1) },
        { "ssrc with a blank (Hikvision iDS-2CD9396)", "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=4ce 1a2b", Interleaved(0, 1, 0x4ce1a2b) },
        { "ssrc is nonsense", "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=nope", Interleaved(0, 1) },
        { "channel out of range", "RTP/AVP/TCP;interleaved=999-1000", TransportHeader.Parse("RTP/AVP/TCP") },
        { "UDP", "RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001;source=10.0.0.9", Udp(6000, 6001, "10.0.0.9") },
        { "UDP with one server port", "RTP/AVP/UDP;unicast;server_port=6000", Udp(6000, 6001) },
        { "UDP without server_port (OpenIPC)", "RTP/AVP;unicast;client_port=5000-5001", Udp() },
        { "server_port=0-0", "RTP/AVP;unicast;server_port=0-0", Udp() },
        { "header missing", null, Udp() },
        { "several alternatives", "RTP/AVP/TCP;interleaved=0-1,RTP/AVP;unicast;server_port=1-2", Interleaved(0, 1) },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Parses(string name, string? text, TransportHeader expected)
    {
        Assert.NotEmpty(name);
        Assert.Equal(expected, TransportHeader.Parse(text));
    }

    [Fact]
    public void Multicast_is_seen() => Assert.True(TransportHeader.Parse("RTP/AVP;multicast;destination=239.0.0.1").IsMulticast);

    public static TheoryData<string, string?, string[]> RtpInfos => new()
    {
        { "as the RFC has it", "url=rtsp://c/t1;seq=12;rtptime=99, url=rtsp://c/t2;seq=13", ["rtsp://c/t1 12 99", "rtsp://c/t2 13 -"] },
        { "missing (DS-2CD2032-I)", null, [] },
        { "garbage (OMNY)", "%$&/;;=,,", [] },
        { "trailing semicolon (Laureii)", "url=rtsp://c/t1;seq=0;rtptime=0;", ["rtsp://c/t1 0 0"] },
        { "sequence out of range", "url=t;seq=70000;rtptime=-1", ["t - -"] },
    };

    [Theory, MemberData(nameof(RtpInfos))]
    public void RtpInfo_takes_what_there_is(string name, string? text, string[] expected)
    {
        Assert.NotEmpty(name);
        Assert.Equal(expected, RtpInfo.Parse(text).Select(s => $"{s.Url} {s.Sequence?.ToString() ?? "-"} {s.RtpTime?.ToString() ?? "-"}"));
    }

    private static TransportHeader Interleaved(byte rtp, byte rtcp, uint? ssrc = null) =>
        TransportHeader.Parse($"RTP/AVP/TCP;interleaved={rtp}-{rtcp}" + (ssrc is { } s ? $";ssrc={s:X8}" : ""));

    private static TransportHeader Udp(int? rtp = null, int? rtcp = null, string? source = null) =>
        TransportHeader.Parse("RTP/AVP" + (rtp is { } port ? $";server_port={port}-{rtcp}" : "") + (source is null ? "" : $";source={source}"));

    [Fact]
    public void The_plain_forms_mean_what_they_say()
    {
        var tcp = Interleaved(0, 1, 7);
        Assert.True(tcp.IsInterleaved);
        Assert.Equal(((byte?)0, (byte?)1, 7u), (tcp.RtpChannel, tcp.RtcpChannel, tcp.Ssrc!.Value));
        var udp = Udp(6000, 6001, "10.0.0.9");
        Assert.False(udp.IsInterleaved);
        Assert.Equal((6000, 6001, "10.0.0.9"), (udp.ServerRtpPort!.Value, udp.ServerRtcpPort!.Value, udp.Source));
    }
}
