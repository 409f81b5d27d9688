using System.Diagnostics.CodeAnalysis;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Codecs.H265;
using Vms.Containers.Mp4;

namespace Vms.Media.Egress.Cmaf;

/// <summary>Which tracks can be packaged, and what players call them.</summary>
internal static class CmafCodecs
{
    /// <param name="codecs">RFC 6381.</param>
    public static bool TryDescribe(TrackInfo track, [NotNullWhen(true)] out string? codecs)
    {
        codecs = track.IsVideo ? CodecString.Of(track) : null;
        return codecs is not null;
    }

    /// <summary>As the stream declares it; null when it does not.</summary>
    public static double? FrameRate(TrackInfo track) => Describe(track).FrameRate;

    /// <summary>Pictures that may be shown before one decoded earlier; null when not known.</summary>
    public static int? ReorderDepth(TrackInfo track) => Describe(track).ReorderDepth;

    private static (double? FrameRate, int? ReorderDepth) Describe(TrackInfo track)
    {
        if (track.Codec == CodecKind.H264 && AvcDecoderConfiguration.TryParse(track.CodecParameters, out var avc)
            && H264Sps.TryParse(avc.Sps[0].Span, out var h264))
        {
            return (h264.FrameRate, h264.MaxNumReorderFrames);
        }

        return track.Codec == CodecKind.H265 && HevcDecoderConfiguration.TryParse(track.CodecParameters, out var hevc)
            && hevc.Sps.Count > 0 && H265Sps.TryParse(hevc.Sps[0].Span, out var h265)
            ? (h265.FrameRate, h265.MaxNumReorderPictures)
            : (null, null);
    }
}
