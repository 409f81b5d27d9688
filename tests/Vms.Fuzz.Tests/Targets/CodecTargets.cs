using Vms.Codecs.Aac;
using Vms.Codecs.H264;
using Vms.Codecs.H265;

namespace Vms.Fuzz.Tests.Targets;

/// <summary>Codec headers: of the stream itself, of descriptions, and of files.</summary>
internal static class CodecTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new FuzzTarget("h264-nal", H264) { MaxInput = 4096, MaxAllocated = 64 << 10 },
        new FuzzTarget("h265-nal", H265) { MaxInput = 4096, MaxAllocated = 64 << 10 },
        new FuzzTarget("codec-configuration", Configuration) { MaxInput = 4096, MaxAllocated = 256 << 10 },
    ];

    private static void H264(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        if (H264Sps.TryParse(input, out var sps))
        {
            outcome.AddSize(sps.Width);
            outcome.AddSize(sps.Height);
            outcome.Add(sps.MaxNumReorderFrames ?? -1);
            outcome.Add(sps.FrameRate is null);
            if (sps.Width > H264Sps.MaxDimension || sps.Height > H264Sps.MaxDimension)
                throw new InvalidDataException("The picture is larger than the ceiling.");
        }

        outcome.Add(H264Slice.TryParse(input, out var slice) ? 1 + slice.SliceType : 0);
        outcome.Add(H264Sei.HasRecoveryPoint(input));
        foreach (var nal in new AnnexB(input))
            outcome.AddSize(nal.Length);
    }

    private static void H265(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        if (H265Sps.TryParse(input, out var sps))
        {
            outcome.AddSize(sps.Width);
            outcome.AddSize(sps.Height);
            outcome.Add(sps.MaxNumReorderPictures);
            outcome.Add(sps.FrameRate is null);
            if (sps.Width > H265Sps.MaxDimension || sps.Height > H265Sps.MaxDimension)
                throw new InvalidDataException("The picture is larger than the ceiling.");
        }

        outcome.Add(H265Slice.TryParse(input, out var slice) ? slice.BeginsPicture ? 2 : 1 : 0);
        var sets = new H265ParameterSets();
        outcome.Add(sets.Update(input));
    }

    private static void Configuration(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        byte[] bytes = input.ToArray();
        outcome.Add(AvcDecoderConfiguration.TryParse(bytes, out var avc) ? avc.Sps.Count : -1);
        outcome.Add(HevcDecoderConfiguration.TryParse(bytes, out var hevc) ? hevc.Sps.Count : -1);
        outcome.Add(AudioSpecificConfig.TryParse(input, out var aac) ? aac.Channels : -1);
        outcome.Add(StreamMuxConfig.TryParse(input)?.SubFrames ?? -1);
    }
}
