using System.Text;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Codecs.H265;
using Vms.Rtsp.Server;

namespace Vms.Rtsp.Tests.Server;

/// <summary>Our descriptions, read by our own client and line by line.</summary>
public sealed class PresentationDescriptionTests
{
    private static readonly byte[] s_sps = Convert.FromHexString("674D401EECA05017FCB80880000003008000001E078B16CB");
    private static readonly byte[] s_pps = Convert.FromHexString("68EBE3CB22C0");

    [Fact]
    public void Every_track_has_its_line_and_an_absolute_control()
    {
        Assert.True(RtspTarget.TryParse("rtsp://vms:8554/cam_1?ticket=T", out var target));
        TrackInfo[] tracks =
        [
            new(0, CodecKind.H264, 90_000, AvcDecoderConfiguration.Build(s_sps, s_pps), 640, 360),
            new(1, CodecKind.Aac, 48_000, Convert.FromHexString("1190"), 0, 0),
            new(2, CodecKind.PcmU, 8000, default, 0, 0),
            new(3, CodecKind.PcmA, 16_000, default, 0, 0),
            new(4, CodecKind.Opus, 48_000, default, 0, 0),
            new(5, CodecKind.G726, 8000, new byte[] { 4 }, 0, 0),
            new(6, CodecKind.L16, 44_100, new byte[] { 2 }, 0, 0),
            new(7, CodecKind.OnvifMetadata, 90_000, default, 0, 0),
        ];

        string text = PresentationDescription.Write(target, tracks);

        Assert.All(text.Split("\r\n")[..^1], line => Assert.Matches("^[a-z]=.+$", line));
        string[] mappings = [.. text.Split("\r\n").Where(l => l.StartsWith("a=rtpmap:", StringComparison.Ordinal))];
        Assert.Equal(
            [
                "a=rtpmap:96 H264/90000", "a=rtpmap:97 MPEG4-GENERIC/48000/2", "a=rtpmap:0 PCMU/8000", "a=rtpmap:99 PCMA/16000",
                "a=rtpmap:100 opus/48000/2", "a=rtpmap:101 G726-32/8000", "a=rtpmap:102 L16/44100/2", "a=rtpmap:103 vnd.onvif.metadata/90000",
            ],
            mappings);
        var read = SessionDescription.Parse(Encoding.UTF8.GetBytes(text));
        Assert.NotNull(read);
        Assert.Equal(8, read.Media.Count);
        var video = read.FirstVideo("H264");
        Assert.Equal("rtsp://vms:8554/cam_1/trackID=0?ticket=T", video?.Control);
        Assert.Equal([s_sps, s_pps], video!.FormatParameters.ParameterSets().Select(s => s.ToArray()));
        Assert.Equal("4D401E", video.FormatParameters["profile-level-id"]);
        Assert.Equal("1190", read.Media[1].FormatParameters["config"]);
    }

    [Fact]
    public void The_parameter_sets_of_H265_are_in_its_line()
    {
        Assert.True(RtspTarget.TryParse("rtsp://vms/cam_1", out var target));
        byte[] vps = Convert.FromHexString("40010C01FFFF0408000003009E0800000300001E959809");
        byte[] sps = Convert.FromHexString("4201010408000003009E0800000300001E90041020B2CACD24995E02DC080800100000030010000003001080");
        byte[] pps = Convert.FromHexString("4401C172860C4224");
        string text = PresentationDescription.Write(target, [new(0, CodecKind.H265, 90_000, HevcDecoderConfiguration.Build(vps, sps, pps), 64, 64)]);
        Assert.Contains("a=rtpmap:96 H265/90000\r\n", text, StringComparison.Ordinal);
        Assert.Contains(
            $"a=fmtp:96 sprop-vps={Convert.ToBase64String(vps)};sprop-sps={Convert.ToBase64String(sps)};sprop-pps={Convert.ToBase64String(pps)}\r\n",
            text, StringComparison.Ordinal);
    }
}
