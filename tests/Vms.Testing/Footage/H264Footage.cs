using Vms.Codecs;
using Vms.Codecs.H264;

namespace Vms.Testing.Footage;

/// <summary>H.264 by libx264.</summary>
public sealed class H264Footage : VideoFootage
{
    private H264Footage(FootageSpec spec, string path, IReadOnlyList<FootageFrame> frames, byte[] sps, byte[] pps)
        : base(spec, path, frames)
    {
        Sps = sps;
        Pps = pps;
        ParameterSets = [Sps, Pps];
        Track = new TrackInfo(0, CodecKind.H264, MediaTime.VideoTimescale, AvcDecoderConfiguration.Build(sps, pps), spec.Width, spec.Height);
    }

    public ReadOnlyMemory<byte> Sps { get; }

    public ReadOnlyMemory<byte> Pps { get; }

    public override IReadOnlyList<ReadOnlyMemory<byte>> ParameterSets { get; }

    public override TrackInfo Track { get; }

    /// <inheritdoc cref="VideoFootage.LoadAsync"/>
    public static new async Task<H264Footage> LoadAsync(FootageSpec spec)
    {
        string path = await EncodeAsync(spec);
        return Parse(spec, path, await File.ReadAllBytesAsync(path));
    }

    /// <summary>The footage many times over as one MP4 file, for programs that send it in real time by its timestamps.</summary>
    /// <returns>The file's path.</returns>
    public Task<string> ToLongFileAsync(int times = 40) => FootageFiles.MakeAsync($"{System.IO.Path.GetFileNameWithoutExtension(Path)}-x{times}.mp4", partial =>
    [
        "-hide_banner", "-nostdin", "-v", "error", "-f", "h264", "-framerate", $"{Spec.FrameRate}", "-i", "concat:" + string.Join('|', Enumerable.Repeat(Path, times)),
        "-c", "copy", "-bsf:v", $"setts=ts=N*{MediaTime.VideoTimescale / Spec.FrameRate}:time_base=1/{MediaTime.VideoTimescale}", "-f", "mp4", partial,
    ]);

    private static H264Footage Parse(FootageSpec spec, string path, byte[] file)
    {
        var frames = new List<FootageFrame>();
        var slices = new List<ReadOnlyMemory<byte>>();
        byte[]? sps = null, pps = null;
        bool keyframe = false;
        foreach (var nal in new AnnexB(file))
        {
            var type = H264NalHeader.TypeOf(nal[0]);
            if (type == H264NalUnitType.Sps)
                sps ??= nal.ToArray();
            else if (type == H264NalUnitType.Pps)
                pps ??= nal.ToArray();
            if (!H264Slice.TryParse(nal, out var slice))
                continue;

            if (slice.BeginsPicture && slices.Count > 0)
            {
                frames.Add(new FootageFrame(keyframe, [.. slices]));
                slices.Clear();
            }

            keyframe = type == H264NalUnitType.IdrSlice;
            slices.Add(nal.ToArray());
        }

        frames.Add(new FootageFrame(keyframe, [.. slices]));
        return sps is null || pps is null || !frames[0].IsKeyframe
            ? throw new InvalidDataException($"{path} is no usable H.264 footage.")
            : new H264Footage(spec, path, frames, sps, pps);
    }
}
