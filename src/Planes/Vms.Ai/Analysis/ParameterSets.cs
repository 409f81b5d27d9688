using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Codecs.H265;

namespace Vms.Ai.Analysis;

/// <summary>A track's parameter sets in the form of its samples: each behind its length of four bytes. A decoder takes them before a keyframe.</summary>
internal static class ParameterSets
{
    private static readonly ConditionalWeakTable<TrackInfo, byte[]> s_sets = [];

    /// <summary>0 for a codec that has none, and for a track whose own cannot be read.</summary>
    internal static int LengthOf(TrackInfo track) => Of(track).Length;

    internal static void Write(TrackInfo track, Span<byte> target) => Of(track).CopyTo(target);

    private static byte[] Of(TrackInfo track) => s_sets.GetValue(track, static t => Build(t));

    private static byte[] Build(TrackInfo track)
    {
        IEnumerable<ReadOnlyMemory<byte>> sets = track.Codec switch
        {
            CodecKind.H264 when AvcDecoderConfiguration.TryParse(track.CodecParameters, out var avc) => avc.Sps.Concat(avc.Pps),
            CodecKind.H265 when HevcDecoderConfiguration.TryParse(track.CodecParameters, out var hevc) => hevc.Vps.Concat(hevc.Sps).Concat(hevc.Pps),
            _ => [],
        };
        using var all = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (var set in sets)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, set.Length);
            all.Write(length);
            all.Write(set.Span);
        }

        return all.ToArray();
    }
}
