using Vms.Codecs;
using Vms.Media.Ingest;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.Aac;
using Vms.Rtp.Payloads.G726;
using Vms.Rtp.Payloads.Metadata;
using Vms.Rtsp;

namespace Vms.Media.Tests.Ingest;

/// <summary>What a description means: the lines below its m= line, and the track they make.</summary>
public sealed class TrackFormatTests
{
    public static TheoryData<string, CodecKind, int, string, Type> Supported => new()
    {
        { "m=audio 0 RTP/AVP 0", CodecKind.PcmU, 8000, "", typeof(WholePacketDepacketizer) },
        { "m=audio 0 RTP/AVP 8\na=rtpmap:8 PCMA/8000/1", CodecKind.PcmA, 8000, "", typeof(WholePacketDepacketizer) },
        { "m=audio 0 RTP/AVP 97\na=rtpmap:97 PCMA/16000", CodecKind.PcmA, 16000, "", typeof(WholePacketDepacketizer) },                 // Hikvision: odd rates
        { "m=audio 0 RTP/AVP 97\na=rtpmap:97 L16/32000/2", CodecKind.L16, 32000, "02", typeof(WholePacketDepacketizer) },
        { "m=audio 0 RTP/AVP 10", CodecKind.L16, 44100, "02", typeof(WholePacketDepacketizer) },
        { "m=audio 0 RTP/AVP 97\na=rtpmap:97 G726-32/8000", CodecKind.G726, 8000, "04", typeof(WholePacketDepacketizer) },
        { "m=audio 0 RTP/AVP 97\na=rtpmap:97 AAL2-G726-24/8000", CodecKind.G726, 8000, "03", typeof(Aal2G726Depacketizer) },
        { "m=audio 0 RTP/AVP 97\na=rtpmap:97 opus/48000/2\na=fmtp:97 sprop-stereo=1", CodecKind.Opus, 48000, "0002 0000 0000BB80 000000", typeof(WholePacketDepacketizer) },
        { "m=audio 0 RTP/AVP 97\na=rtpmap:97 OPUS/8000/1", CodecKind.Opus, 48000, "0001 0000 0000BB80 000000", typeof(WholePacketDepacketizer) },   // go2rtc: declared 8000/1
        {
            "m=audio 0 RTP/AVP 97\na=rtpmap:97 mpeg4-generic/48000/2\na=fmtp:97 mode=AAC-hbr; SizeLength=13; IndexLength=3; IndexDeltaLength=3; config=1190",
            CodecKind.Aac, 48000, "1190", typeof(AacDepacketizer)
        },
        { "m=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/16000", CodecKind.Aac, 16000, "1408", typeof(AacDepacketizer) },             // nothing but the name
        { "m=audio 0 RTP/AVP 97\na=rtpmap:97 MP4A-LATM/44100/2\na=fmtp:97 cpresent=0;config=400024203fc0", CodecKind.Aac, 44100, "1210", typeof(LatmDepacketizer) },
        { "m=application 0 RTP/AVP 98\na=rtpmap:98 vnd.onvif.metadata/90000", CodecKind.OnvifMetadata, 90000, "", typeof(OnvifMetadataDepacketizer) },
        { "m=application 0 RTP/AVP 98\na=rtpmap:98 VND.ONVIF.METADATA", CodecKind.OnvifMetadata, 90000, "", typeof(OnvifMetadataDepacketizer) },
    };

    [Theory, MemberData(nameof(Supported))]
    public void What_cameras_describe_becomes_a_track(string sdp, CodecKind codec, int timescale, string parameters, Type depacketizer)
    {
        Assert.True(TrackFormat.TryFrom(Media(sdp), out var format));

        Assert.Equal((codec, timescale), (format.Codec, format.Timescale));
        Assert.Equal(parameters.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(format.CodecParameters.Span));
        Assert.IsType(depacketizer, format.NewDepacketizer());
        Assert.Equal(new TrackInfo(3, codec, timescale, format.CodecParameters, 0, 0), format.ToTrack(3));
    }

    [Theory]
    [InlineData("m=audio 0 RTP/AVP 97\na=rtpmap:97 SPEEX/16000")]
    [InlineData("m=audio 0 RTP/AVP 97")]
    [InlineData("m=audio 0 RTP/AVP 97\na=rtpmap:97 PCMA/8000/2")]
    [InlineData("m=audio 0 RTP/AVP 97\na=rtpmap:97 L16/2000000000/2")]
    [InlineData("m=audio 0 RTP/AVP 97\na=rtpmap:97 G726-64/8000")]
    [InlineData("m=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/44000\na=fmtp:97 sizelength=13")]
    [InlineData("m=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/16000\na=fmtp:97 sizelength=99;config=1408")]
    [InlineData("m=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/16000\na=fmtp:97 sizelength=13;ctsdeltalength=8;config=1408")]
    [InlineData("m=audio 0 RTP/AVP 97\na=rtpmap:97 MP4A-LATM/44100/2\na=fmtp:97 cpresent=1")]
    [InlineData("m=audio 0 RTP/AVP 97\na=rtpmap:97 MP4A-LATM/44100/2\na=fmtp:97 cpresent=0;config=zz")]
    [InlineData("m=application 0 RTP/AVP 98\na=rtpmap:98 vnd.onvif.metadata.gzip/90000")]
    [InlineData("m=application 0 RTP/AVP 98\na=rtpmap:98 PCMA/8000")]
    public void What_is_not_spoken_is_left_out(string sdp) => Assert.False(TrackFormat.IsSupported(Media(sdp)));

    private static MediaDescription Media(string sdp) => SessionDescription.Parse(System.Text.Encoding.UTF8.GetBytes("v=0\n" + sdp + "\n"))!.Media.Single();
}
