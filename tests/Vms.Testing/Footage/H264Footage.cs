using Vms.Codecs.H264;
using Vms.Testing.Processes;

namespace Vms.Testing.Footage;

/// <summary>One picture of the footage.</summary>
/// <param name="NalUnits">Without parameter sets, SEI and delimiters; slices only.</param>
public sealed record FootageFrame(bool IsKeyframe, IReadOnlyList<ReadOnlyMemory<byte>> NalUnits);

/// <summary>Encoded footage in memory, in decoding order, beginning with a keyframe. Immutable; shared by all cameras.</summary>
public sealed class H264Footage
{
    private H264Footage(FootageSpec spec, string path, IReadOnlyList<FootageFrame> frames, byte[] sps, byte[] pps)
    {
        Spec = spec;
        Path = path;
        Frames = frames;
        Sps = sps;
        Pps = pps;
    }

    public FootageSpec Spec { get; }

    /// <summary>The Annex B file.</summary>
    public string Path { get; }

    public IReadOnlyList<FootageFrame> Frames { get; }

    public ReadOnlyMemory<byte> Sps { get; }

    public ReadOnlyMemory<byte> Pps { get; }

    /// <summary>Encodes it when no earlier run has, and reads it. Test processes that run side by side share the file.</summary>
    public static async Task<H264Footage> LoadAsync(FootageSpec spec)
    {
        string folder = Directory.CreateDirectory(System.IO.Path.Combine(TestPaths.Artifacts, "footage")).FullName;
        string path = System.IO.Path.Combine(folder, spec.FileName);
        if (!File.Exists(path))
            await EncodeAsync(spec, path);
        return Parse(spec, path, await File.ReadAllBytesAsync(path));
    }

    /// <summary>All of it length-prefixed, one array per picture, parameter sets left out: what a stream log holds.</summary>
    public IReadOnlyList<byte[]> ToSamples() => [.. Frames.Select(frame => frame.NalUnits
        .SelectMany(nal => (byte[])[(byte)(nal.Length >> 24), (byte)(nal.Length >> 16), (byte)(nal.Length >> 8), (byte)nal.Length, .. nal.Span])
        .ToArray())];

    private static async Task EncodeAsync(FootageSpec spec, string path)
    {
        string partial = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}";
        try
        {
            await ChildProcess.RunAsync("ffmpeg", spec.Arguments(partial), TimeSpan.FromMinutes(5));
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

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
