using Vms.Codecs;
using Vms.Codecs.Aac;
using Vms.Codecs.H264;
using Vms.Codecs.H265;

namespace Vms.Containers.Mp4;

/// <summary>What players call a track's codec (RFC 6381), in the spelling that every browser knows.</summary>
public static class CodecString
{
    /// <returns>Null: browsers have no name for it, or its parameters cannot be read.</returns>
    public static string? Of(TrackInfo track) => track.Codec switch
    {
        CodecKind.H264 when AvcDecoderConfiguration.TryParse(track.CodecParameters, out var avc) => avc.CodecString,
        CodecKind.H265 when HevcDecoderConfiguration.TryParse(track.CodecParameters, out var hevc) => hevc.CodecString,
        CodecKind.Aac when AudioSpecificConfig.TryParse(track.CodecParameters.Span, out _) => $"mp4a.40.{track.CodecParameters.Span[0] >> 3}",
        CodecKind.Opus => "opus",
        CodecKind.Flac => "flac",
        _ => null,
    };
}
