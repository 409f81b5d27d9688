using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Vms.Codecs;

namespace Vms.Containers.Tests;

/// <summary>H.264 that ffmpeg encoded: samples in decode order with their PTS in 90 kHz, as the stream log would hold them.</summary>
internal sealed record TestFootage(TrackInfo Track, IReadOnlyList<TestSample> Samples)
{
    public const long FirstCaptureUs = 1_790_000_000_000_000;

    private static readonly Lazy<TestFootage> s_plain = new(() => Encode("-bf 0 -g 50", 10, 25, 320, 240));
    private static readonly Lazy<TestFootage> s_bFrames = new(() => Encode("-bf 3 -b_strategy 0 -g 50", 10, 25, 320, 240));
    private static readonly Lazy<TestFootage> s_otherSize = new(() => Encode("-bf 0 -g 25", 4, 25, 640, 360));

    /// <summary>10 s, 25 fps, a keyframe every 2 s, 320 × 240, no B-frames.</summary>
    public static TestFootage Plain => s_plain.Value;

    /// <summary>As <see cref="Plain"/> with pyramids of three B-frames.</summary>
    public static TestFootage WithBFrames => s_bFrames.Value;

    /// <summary>4 s, 25 fps, a keyframe every second, 640 × 360: other codec parameters.</summary>
    public static TestFootage OtherSize => s_otherSize.Value;

    private static TestFootage Encode(string options, int seconds, int fps, int width, int height)
    {
        string path = Path.Combine(Path.GetTempPath(), $"vms-footage-{Guid.NewGuid():N}.mp4");
        try
        {
            Tool.Run("ffmpeg", $"-v error -f lavfi -i testsrc2=size={width}x{height}:rate={fps}:duration={seconds} -c:v libx264 "
                + $"-preset veryfast -threads 1 {options} -pix_fmt yuv420p -video_track_timescale 90000 -y {path}");
            byte[] file = File.ReadAllBytes(path);
            var samples = new List<TestSample>();
            string packets = Tool.Run("ffprobe", $"-v error -show_entries packet=pts,size,pos,flags -of csv=p=0 {path}");
            foreach (string line in packets.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] fields = line.Split(',');
                long pts = long.Parse(fields[0], CultureInfo.InvariantCulture);
                int size = int.Parse(fields[1], CultureInfo.InvariantCulture);
                int position = int.Parse(fields[2], CultureInfo.InvariantCulture);
                bool keyframe = fields[3].Contains('K', StringComparison.Ordinal);
                var header = new SampleHeader(0, keyframe ? SampleFlags.Keyframe : 0, GapCause.None, 1, pts, FirstCaptureUs + pts * 100 / 9);
                samples.Add(new TestSample(header, file.AsMemory(position, size)));
            }

            int avcC = file.AsSpan().IndexOf("avcC"u8);
            int avcCSize = (int)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(avcC - 4)) - 8;
            var track = new TrackInfo(0, CodecKind.H264, 90_000, file.AsMemory(avcC + 4, avcCSize), width, height);
            return new TestFootage(track, samples);
        }
        finally
        {
            File.Delete(path);
        }
    }
}

/// <param name="Payload">Length-prefixed NAL units.</param>
internal readonly record struct TestSample(SampleHeader Header, ReadOnlyMemory<byte> Payload);

/// <summary>Runs ffmpeg and ffprobe.</summary>
internal static class Tool
{
    /// <summary>Standard output; fails when the tool fails or says anything on standard error.</summary>
    public static string Run(string name, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string errors = error.GetAwaiter().GetResult();
        Assert.True(process.ExitCode == 0 && errors.Length == 0, $"{name} {arguments} → {process.ExitCode}: {errors}");
        return output;
    }
}
