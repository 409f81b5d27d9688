using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Vms.Rtsp.Tests;

public sealed class SessionDescriptionTests
{
    private const string Video = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=1\r\n";
    private const string Head = "v=0\r\no=- 1 1 IN IP4 10.0.0.5\r\ns=Media\r\nt=0 0\r\n";

    /// <summary>Every one of these must give the same H.264 track.</summary>
    public static TheoryData<string, string> Tolerated => new()
    {
        { "as the RFC has it", Head + Video },
        { "no o= and no t= line (mediamtx #948)", "v=0\r\ns=x\r\n" + Video },
        { "no s= line (Sony SNC-WR630, mediamtx #85)", "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\nt=0 0\r\n" + Video },
        { "two s= lines", "v=0\r\ns=a\r\ns=b\r\n" + Video },
        { "first line is not v=0", "s=x\r\nv=0\r\n" + Video },
        { "o= with text (mediamtx #227, Hik Media Server)", "v=0\r\no=Hik Media Server V3.1 IN IP4\r\n" + Video },
        { "o= with decimals", "v=0\r\no=- 16.5 1.0 IN IP4 127.0.0.1\r\n" + Video },
        { "o= with IP instead of IN (mediamtx #2708, Y-Cam)", "v=0\r\no=- 1 1 IP IP4 1.1.1.1\r\n" + Video },
        { "hexadecimal session id", "v=0\r\no=- 0x1AFFEE 1 IN IP4 1.1.1.1\r\n" + Video },
        { "broken c= line", "v=0\r\nc=IN\r\n" + Video },
        { "empty unicast address", "v=0\r\no=- 1 1 IN IP4 \r\nc=IN IP4 \r\n" + Video },
        { "bandwidth RR, RS, TIAS, X (Avigilon)", Head + "b=RR:0\r\nb=TIAS:1\r\nb=X-YZ:n\r\n" + Video },
        { "FLIR timing", "v=0\r\nt=now-\r\n" + Video },
        { "bare LF", (Head + Video).Replace("\r\n", "\n", StringComparison.Ordinal) },
        { "bare CR", (Head + Video).Replace("\r\n", "\r", StringComparison.Ordinal) },
        { "blanks at line ends", (Head + Video).Replace("\r\n", "  \r\n", StringComparison.Ordinal) },
        { "trailing NUL", Head + Video + "\0" },
        { "unknown media before it (mediamtx #2473)", Head + "m=meta 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\n" + Video },
        { "application track before it", Head + "m=application 0 RTP/AVP 98\r\na=rtpmap:98 VND.ONVIF.METADATA/90000\r\n" + Video },
        { "backchannel first", Head + "m=audio 0 RTP/AVP 0\r\na=sendonly\r\na=control:back\r\n" + Video },
        { "attributes in another order", Head + "m=video 0 RTP/AVP 96\r\na=control:trackID=1\r\na=recvonly\r\na=rtpmap:96 H264/90000\r\n" },
        { "blanks after the encoding (moonfire #213)", Head + "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000 \r\na=control:trackID=1\r\n" },
        { "payload type is not in the m= line", Head + "m=video 0 RTP/AVP 33\r\na=rtpmap:96 H264/90000\r\na=control:trackID=1\r\n" },
        { "two formats, the second is mapped", Head + "m=video 0 RTP/AVP 95 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=1\r\n" },
        { "transport profile in small letters, port set", Head + "m=Video 49170 rtp/avp 96\r\na=rtpmap:96 h264/90000\r\na=control:trackID=1\r\n" },
        { "no line break at the end", (Head + Video).TrimEnd() },
    };

    [Theory, MemberData(nameof(Tolerated))]
    public void Finds_the_video_track(string name, string text)
    {
        Assert.NotEmpty(name);
        var video = Parse(text)!.FirstVideo("H264")!;

        Assert.Equal((96, 90000, "trackID=1"), (video.PayloadType, video.ClockRate, video.Control));
    }

    [Fact]
    public void H264_may_have_any_payload_type_Bosch_uses_35()
    {
        var video = Parse("v=0\r\nm=video 0 RTP/AVP 35\r\na=rtpmap:35 H264/90000\r\n")!.FirstVideo("h264");

        Assert.Equal(35, video!.PayloadType);
    }

    [Fact]
    public void Without_rtpmap_the_parameter_sets_give_H264_away()
    {
        var video = Parse("v=0\r\nm=video 0 RTP/AVP 96\r\na=fmtp:96 sprop-parameter-sets=Z0IAH5WoFAFuQA==,aM48gA==\r\n")!.FirstVideo("H264");

        Assert.Equal(2, video!.FormatParameters.ParameterSets().Count);
    }

    [Fact]
    public void An_fmtp_below_another_track_is_found()
    {
        var video = Parse(Head + Video + "m=audio 0 RTP/AVP 8\r\na=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0IAH5WoFAFuQA==,aM48gA==\r\n")!.FirstVideo("H264");

        Assert.Equal(2, video!.FormatParameters.ParameterSets().Count);
    }

    [Fact]
    public void A_backchannel_is_marked_and_static_types_are_known()
    {
        var description = Parse(Head + "m=audio 0 RTP/AVP 0\r\na=sendonly\r\nm=audio 0 RTP/AVP 8\r\n" + Video)!;

        Assert.Equal(["PCMU", "PCMA", "H264"], description.Media.Select(m => m.Encoding));
        Assert.Equal([true, false, false], description.Media.Select(m => m.IsBackchannel));
    }

    [Fact]
    public void The_presentation_control_is_the_one_before_the_first_track() =>
        Assert.Equal("rtsp://c/all", Parse(Head + "a=control:rtsp://c/all\r\n" + Video)!.Control);

    [Theory]
    [InlineData("")]
    [InlineData("v=0\r\n")]
    [InlineData("<html>404</html>")]
    public void Text_without_media_is_no_description(string text) => Assert.Null(Parse(text));

    /// <summary>Quirk, fmtp value, the parameter sets in hex.</summary>
    public static TheoryData<string, string, string[]> ParameterSets => new()
    {
        { "as the RFC has it", "packetization-mode=1;profile-level-id=42001F;sprop-parameter-sets=Z0IAH5WoFAFuQA==,aM48gA==", ["6742001f95a814016e40", "68ce3c80"] },
        { "none", "packetization-mode=1", [] },
        { "empty fmtp (Ubiquiti)", "", [] },
        { "not base64 (ffmpeg fails)", "sprop-parameter-sets=%%%,aM48gA==", ["68ce3c80"] },
        { "start codes in front (V380)", "sprop-parameter-sets=AAAAAWdCAB+VqBQBbkA=,AAABaM48gA==", ["6742001f95a814016e40", "68ce3c80"] },
        { "padding left away", "sprop-parameter-sets=Z0IAH5WoFAFuQA,aM48gA", ["6742001f95a814016e40", "68ce3c80"] },
        { "blanks and capitals", " Sprop-Parameter-Sets = Z0IAH5WoFAFuQA== , aM48gA== ;", ["6742001f95a814016e40", "68ce3c80"] },
    };

    [Theory, MemberData(nameof(ParameterSets))]
    public void Parameter_sets_are_read_where_they_can_be(string name, string fmtp, string[] expected)
    {
        Assert.NotEmpty(name);
        Assert.Equal(expected, FormatParameters.Parse(fmtp).ParameterSets().Select(s => Convert.ToHexStringLower(s.Span)));
    }

    [Fact]
    public void Any_text_is_survived() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(TextGen().ToArbitrary(), text =>
        {
            var description = Parse(text);
            return description is null || (description.Media.Count <= SessionDescription.MaxMedia
                && description.Media.All(m => m.FormatParameters.ParameterSets().Count >= 0 && m.Channels > 0));
        }));

    private static Gen<string> TextGen() =>
        Gen.Elements(
            "m=video 0 RTP/AVP 96", "m=", "m=audio", "a=rtpmap:96 H264/90000", "a=rtpmap:", "a=rtpmap:-1 x/0/0", "a=fmtp:96 sprop-parameter-sets=",
            "a=fmtp:96", "=;,=;", "a=control:", "a=control", "\r\n", "\n", " ", "\0", "999999999999999999999", "a=fmtp:96 sprop-parameter-sets=A,AB,ABC,ABCD")
            .ListOf(40).Select(string.Concat);

    private static SessionDescription? Parse(string text) => SessionDescription.Parse(Encoding.UTF8.GetBytes(text));
}
