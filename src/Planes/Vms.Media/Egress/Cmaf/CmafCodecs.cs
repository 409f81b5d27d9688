using System.Diagnostics.CodeAnalysis;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Containers.Mp4;

namespace Vms.Media.Egress.Cmaf;

/// <summary>Which tracks can be packaged, and what players call them.</summary>
internal static class CmafCodecs
{
    /// <param name="codecs">RFC 6381.</param>
    public static bool TryDescribe(TrackInfo track, [NotNullWhen(true)] out string? codecs)
    {
        codecs = track.Codec switch
        {
            CodecKind.H264 when AvcDecoderConfiguration.TryParse(track.CodecParameters, out var avc) => avc.CodecString,
            _ => null,
        };
        return codecs is not null && track.IsVideo && Fmp4Writer.CanCarry(track.Codec);
    }

    /// <summary>As the stream declares it; null when it does not.</summary>
    public static double? FrameRate(TrackInfo track) => TryReadSps(track, out var sps) ? sps.FrameRate : null;

    /// <summary>Pictures that may be shown before one decoded earlier; null when not known.</summary>
    public static int? ReorderDepth(TrackInfo track) => TryReadSps(track, out var sps) ? sps.MaxNumReorderFrames : null;

    private static bool TryReadSps(TrackInfo track, out H264Sps sps)
    {
        sps = default;
        return track.Codec == CodecKind.H264 && AvcDecoderConfiguration.TryParse(track.CodecParameters, out var avc) && H264Sps.TryParse(avc.Sps[0].Span, out sps);
    }
}
