using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Codecs.H265;

namespace Vms.Containers.Mp4;

/// <summary>
/// A track's parameter sets as NAL units of a sample. A file whose sample description changes on the way is correct without them;
/// ffmpeg, and with it Chromium, follows the change only when they are in the stream as well.
/// </summary>
public static class InBandParameterSets
{
    /// <returns>4-byte length-prefixed NAL units; empty for a track that has none.</returns>
    public static ReadOnlyMemory<byte> Of(TrackInfo track)
    {
        var bytes = new List<byte>();
        Span<byte> length = stackalloc byte[4];
        foreach (var nal in SetsOf(track))
        {
            BinaryPrimitives.WriteUInt32BigEndian(length, (uint)nal.Length);
            bytes.AddRange(length);
            bytes.AddRange(nal.Span);
        }

        return bytes.ToArray();
    }

    private static IEnumerable<ReadOnlyMemory<byte>> SetsOf(TrackInfo track) => track.Codec switch
    {
        CodecKind.H264 when AvcDecoderConfiguration.TryParse(track.CodecParameters, out var avc) => avc.Sps.Concat(avc.Pps),
        CodecKind.H265 when HevcDecoderConfiguration.TryParse(track.CodecParameters, out var hevc) => hevc.Vps.Concat(hevc.Sps).Concat(hevc.Pps),
        _ => [],
    };
}
