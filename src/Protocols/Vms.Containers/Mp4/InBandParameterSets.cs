using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Codecs.H264;

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
        if (track.Codec != CodecKind.H264 || !AvcDecoderConfiguration.TryParse(track.CodecParameters, out var configuration)) return default;

        var bytes = new List<byte>();
        Span<byte> length = stackalloc byte[4];
        foreach (var nal in configuration.Sps.Concat(configuration.Pps))
        {
            BinaryPrimitives.WriteUInt32BigEndian(length, (uint)nal.Length);
            bytes.AddRange(length);
            bytes.AddRange(nal.Span);
        }

        return bytes.ToArray();
    }
}
