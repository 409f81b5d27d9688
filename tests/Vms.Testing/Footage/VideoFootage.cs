using Vms.Codecs;

namespace Vms.Testing.Footage;

/// <summary>One picture of the footage.</summary>
/// <param name="NalUnits">Without parameter sets, SEI and delimiters; slices only.</param>
public sealed record FootageFrame(bool IsKeyframe, IReadOnlyList<ReadOnlyMemory<byte>> NalUnits);

/// <summary>Encoded footage in memory, in decoding order, beginning with a keyframe. Immutable; shared by all cameras.</summary>
public abstract class VideoFootage
{
    private protected VideoFootage(FootageSpec spec, string path, IReadOnlyList<FootageFrame> frames)
    {
        Spec = spec;
        Path = path;
        Frames = frames;
    }

    public FootageSpec Spec { get; }

    /// <summary>The Annex B file.</summary>
    public string Path { get; }

    public IReadOnlyList<FootageFrame> Frames { get; }

    /// <summary>With NAL header, in the order a camera sends them.</summary>
    public abstract IReadOnlyList<ReadOnlyMemory<byte>> ParameterSets { get; }

    /// <summary>As track 0.</summary>
    public abstract TrackInfo Track { get; }

    /// <summary>Encodes it when no earlier run has, and reads it. Test processes that run side by side share the file.</summary>
    public static async Task<VideoFootage> LoadAsync(FootageSpec spec) =>
        spec.Codec == CodecKind.H265 ? await H265Footage.LoadAsync(spec) : await H264Footage.LoadAsync(spec);

    /// <summary>All of it length-prefixed, one array per picture, parameter sets left out: what a stream log holds.</summary>
    public IReadOnlyList<byte[]> ToSamples() => [.. Frames.Select(frame => frame.NalUnits
        .SelectMany(nal => (byte[])[(byte)(nal.Length >> 24), (byte)(nal.Length >> 16), (byte)(nal.Length >> 8), (byte)nal.Length, .. nal.Span])
        .ToArray())];

    private protected static async Task<string> EncodeAsync(FootageSpec spec) =>
        await FootageFiles.MakeAsync(spec.FileName, spec.Arguments);
}
