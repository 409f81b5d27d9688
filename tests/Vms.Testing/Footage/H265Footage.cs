using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Codecs.H265;

namespace Vms.Testing.Footage;

/// <summary>H.265 by libx265.</summary>
public sealed class H265Footage : VideoFootage
{
    private H265Footage(FootageSpec spec, string path, IReadOnlyList<FootageFrame> frames, byte[] vps, byte[] sps, byte[] pps)
        : base(spec, path, frames)
    {
        Vps = vps;
        Sps = sps;
        Pps = pps;
        ParameterSets = [Vps, Sps, Pps];
        Track = new TrackInfo(
            0, CodecKind.H265, MediaTime.VideoTimescale, HevcDecoderConfiguration.Build(vps, sps, pps), spec.Width, spec.Height);
    }

    public ReadOnlyMemory<byte> Vps { get; }

    public ReadOnlyMemory<byte> Sps { get; }

    public ReadOnlyMemory<byte> Pps { get; }

    public override IReadOnlyList<ReadOnlyMemory<byte>> ParameterSets { get; }

    public override TrackInfo Track { get; }

    /// <inheritdoc cref="VideoFootage.LoadAsync"/>
    public static new async Task<H265Footage> LoadAsync(FootageSpec spec)
    {
        spec = spec with { Codec = CodecKind.H265 };
        string path = await EncodeAsync(spec);
        return Parse(spec, path, await File.ReadAllBytesAsync(path));
    }

    private static H265Footage Parse(FootageSpec spec, string path, byte[] file)
    {
        var frames = new List<FootageFrame>();
        var slices = new List<ReadOnlyMemory<byte>>();
        byte[]? vps = null, sps = null, pps = null;
        bool keyframe = false;
        foreach (var nal in new AnnexB(file))
        {
            var type = H265NalHeader.TypeOf(nal[0]);
            if (type == H265NalUnitType.Vps)
                vps ??= nal.ToArray();
            else if (type == H265NalUnitType.Sps)
                sps ??= nal.ToArray();
            else if (type == H265NalUnitType.Pps)
                pps ??= nal.ToArray();
            if (!H265Slice.TryParse(nal, out var slice))
                continue;

            if (slice.BeginsPicture && slices.Count > 0)
            {
                frames.Add(new FootageFrame(keyframe, [.. slices]));
                slices.Clear();
            }

            keyframe = H265NalHeader.IsIrap(type);
            slices.Add(nal.ToArray());
        }

        frames.Add(new FootageFrame(keyframe, [.. slices]));
        return vps is null || sps is null || pps is null || !frames[0].IsKeyframe
            ? throw new InvalidDataException($"{path} is no usable H.265 footage.")
            : new H265Footage(spec, path, frames, vps, sps, pps);
    }
}
