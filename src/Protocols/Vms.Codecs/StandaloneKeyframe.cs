using System.Buffers;
using Vms.Codecs.H264;
using Vms.Codecs.H265;

namespace Vms.Codecs;

/// <summary>A keyframe as a decoder takes it that has seen nothing before: Annex B behind its parameter sets for H.264 and H.265, as it
/// is for MJPEG.</summary>
public static class StandaloneKeyframe
{
    private static ReadOnlySpan<byte> StartCode => [0, 0, 0, 1];

    /// <param name="sample">In the track's container form.</param>
    /// <returns>False when the track has no parameter sets or is in another codec; nothing is written then.</returns>
    public static bool TryWrite(TrackInfo track, ReadOnlySpan<byte> sample, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(track);
        ArgumentNullException.ThrowIfNull(output);
        if (track.Codec == CodecKind.Mjpeg)
        {
            output.Write(sample);
            return true;
        }

        if (track.Codec == CodecKind.H264 && AvcDecoderConfiguration.TryParse(track.CodecParameters, out var avc))
        {
            WriteSets(avc.Sps.Concat(avc.Pps), output);
        }
        else if (track.Codec == CodecKind.H265 && HevcDecoderConfiguration.TryParse(track.CodecParameters, out var hevc))
        {
            WriteSets(hevc.Vps.Concat(hevc.Sps).Concat(hevc.Pps), output);
        }
        else
        {
            return false;
        }

        foreach (var nal in new NalUnits(sample))
            WriteNal(nal, output);
        return true;
    }

    private static void WriteSets(IEnumerable<ReadOnlyMemory<byte>> sets, IBufferWriter<byte> output)
    {
        foreach (var set in sets)
            WriteNal(set.Span, output);
    }

    private static void WriteNal(ReadOnlySpan<byte> nal, IBufferWriter<byte> output)
    {
        output.Write(StartCode);
        output.Write(nal);
    }
}
