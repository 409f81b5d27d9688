using System.Globalization;
using System.Text;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Codecs.H265;

namespace Vms.Rtsp.Server;

/// <summary>Writes the description (SDP, RFC 4566) of a stream that we offer: one section for each track that can be sent.</summary>
public static class PresentationDescription
{
    private const byte FirstDynamicType = 96;       // RFC 3551 §6
    private const byte PcmuType = 0;
    private const byte PcmaType = 8;
    private const int TelephoneRate = 8000;

    /// <summary>Tracks have their number as <c>trackID</c>; the control URLs are absolute, because clients disagree on where a
    /// relative one goes when the URL has a query.</summary>
    /// <param name="tracks">Those that can be sent.</param>
    public static string Write(RtspTarget target, IEnumerable<TrackInfo> tracks)
    {
        var text = new StringBuilder(1024);
        text.Append("v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=VMS\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n");
        text.Append("a=control:").Append(target.BaseUri).Append("\r\na=range:npt=now-\r\n");
        foreach (var track in tracks)
        {
            byte type = PayloadTypeOf(track);
            string kind = track.IsVideo ? "video" : track.IsAudio ? "audio" : "application";
            text.Append(CultureInfo.InvariantCulture, $"m={kind} 0 RTP/AVP {type}\r\na=rtpmap:{type} {MappingOf(track)}\r\n");
            if (FormatOf(track) is { Length: > 0 } format)
                text.Append(CultureInfo.InvariantCulture, $"a=fmtp:{type} {format}\r\n");
            text.Append("a=control:").Append(target.TrackUri(track.Id)).Append("\r\na=sendonly\r\n");
        }

        return text.ToString();
    }

    public static byte PayloadTypeOf(TrackInfo track) => track.Codec switch
    {
        CodecKind.PcmU when track.Timescale == TelephoneRate => PcmuType,
        CodecKind.PcmA when track.Timescale == TelephoneRate => PcmaType,
        _ => (byte)(FirstDynamicType + track.Id),
    };

    private static string MappingOf(TrackInfo track)
    {
        string name = track.Codec switch
        {
            CodecKind.H264 => "H264",
            CodecKind.H265 => "H265",
            CodecKind.Aac => "MPEG4-GENERIC",
            CodecKind.PcmA => "PCMA",
            CodecKind.PcmU => "PCMU",
            CodecKind.Opus => "opus",
            CodecKind.G726 => string.Create(CultureInfo.InvariantCulture, $"G726-{8 * FirstByte(track, 4)}"),
            CodecKind.L16 => "L16",
            CodecKind.Mjpeg => "JPEG",
            _ => "vnd.onvif.metadata",
        };
        int channels = track.Codec switch
        {
            CodecKind.Opus => 2,        // RFC 7587 §4.1: always
            CodecKind.Aac => AacChannels(track.CodecParameters.Span),
            CodecKind.L16 => FirstByte(track, 1),
            _ => 1,
        };
        string mapping = string.Create(CultureInfo.InvariantCulture, $"{name}/{track.Timescale}");
        return channels > 1 ? string.Create(CultureInfo.InvariantCulture, $"{mapping}/{channels}") : mapping;
    }

    private static string FormatOf(TrackInfo track) => track.Codec switch
    {
        CodecKind.H264 => H264Format(track.CodecParameters),
        CodecKind.H265 => H265Format(track.CodecParameters),
        CodecKind.Aac => "streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config="
            + Convert.ToHexString(track.CodecParameters.Span),      // RFC 3640 §4.1
        _ => "",
    };

    /// <summary>RFC 6184 §8.1. The parameter sets come in-band too, before every keyframe.</summary>
    private static string H264Format(ReadOnlyMemory<byte> avcC)
    {
        if (!AvcDecoderConfiguration.TryParse(avcC, out var configuration) || configuration.Sps.Count == 0)
            return "packetization-mode=1";
        string profile = Convert.ToHexString(configuration.Sps[0].Span[1..4]);
        return $"packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={Base64(configuration.Sps.Concat(configuration.Pps))}";
    }

    /// <summary>RFC 7798 §7.1.</summary>
    private static string H265Format(ReadOnlyMemory<byte> hvcC) => HevcDecoderConfiguration.TryParse(hvcC, out var configuration)
        ? $"sprop-vps={Base64(configuration.Vps)};sprop-sps={Base64(configuration.Sps)};sprop-pps={Base64(configuration.Pps)}"
        : "";

    private static string Base64(IEnumerable<ReadOnlyMemory<byte>> sets) => string.Join(",", sets.Select(s => Convert.ToBase64String(s.Span)));

    /// <summary>channelConfiguration of an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1) without escapes; 7 means eight.</summary>
    private static int AacChannels(ReadOnlySpan<byte> configuration)
    {
        int channels = configuration.Length < 2 ? 1 : configuration[1] >> 3 & 0xF;
        return channels == 7 ? 8 : Math.Max(channels, 1);
    }

    private static int FirstByte(TrackInfo track, int otherwise) => track.CodecParameters.IsEmpty ? otherwise : track.CodecParameters.Span[0];
}
