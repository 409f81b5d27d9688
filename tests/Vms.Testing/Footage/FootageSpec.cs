using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vms.Codecs;

namespace Vms.Testing.Footage;

/// <summary>A piece of video, to be encoded once by ffmpeg and kept in the artifacts folder.</summary>
/// <param name="Input">ffmpeg input options, e.g. <c>-f lavfi -i testsrc2=…</c>; scenes come from <see cref="DemoScenes"/>.</param>
/// <param name="Filter">Filter graph behind the input, before the frame counter is drawn; empty for none.</param>
public sealed record FootageSpec(string Name, IReadOnlyList<string> Input, string Filter)
{
    /// <summary>H.264 or H.265.</summary>
    public CodecKind Codec { get; init; } = CodecKind.H264;

    /// <summary>Even.</summary>
    public int Width { get; init; } = 640;

    /// <summary>Even.</summary>
    public int Height { get; init; } = 360;

    public int FrameRate { get; init; } = 25;

    public int Seconds { get; init; } = 10;

    public int BitrateKbps { get; init; } = 600;

    public int GopLength { get; init; } = 25;

    public int BFrames { get; init; }

    public int SlicesPerPicture { get; init; } = 1;

    /// <summary>H.265: keyframes after the first are CRA pictures, with RASL pictures behind them when there are B-frames.</summary>
    public bool OpenGop { get; init; }

    public string Profile { get; init; } = "main";

    /// <summary>Draws the <see cref="FrameCounter"/>.</summary>
    public bool ShowFrameCounter { get; init; } = true;

    /// <summary>640×360, 600 kbit/s, a keyframe a second, 10 s: for browser tests and anything that need not be heavy.</summary>
    public static FootageSpec Small { get; } = Pattern("small", 640, 360);

    /// <summary>As <see cref="Small"/> in H.265.</summary>
    public static FootageSpec SmallH265 { get; } = Small with { Name = "small-h265", Codec = CodecKind.H265 };

    /// <summary>1080p25, 4 Mbit/s, GOP 50, 10 s.</summary>
    public static FootageSpec FullHd { get; } = Pattern("fullhd", 1920, 1080) with { BitrateKbps = 4000, GopLength = 50 };

    /// <summary>As <see cref="FullHd"/> for a minute: benchmarks and soaks.</summary>
    public static FootageSpec FullHdMinute { get; } = FullHd with { Name = "fullhd-minute", Seconds = 60 };

    /// <summary>A test pattern with noise, so that it needs its bitrate.</summary>
    public static FootageSpec Pattern(string name, int width, int height, int frameRate = 25) =>
        new(name, ["-f", "lavfi", "-i", $"testsrc2=s={width}x{height}:r={frameRate}"], "noise=alls=12:allf=t")
        {
            Width = width,
            Height = height,
            FrameRate = frameRate,
        };

    internal string FileName
    {
        get
        {
            string all = string.Join('\u001f', Arguments("out"));
            return $"{Name}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)))[..12]}.{(Codec == CodecKind.H265 ? "h265" : "h264")}";
        }
    }

    /// <summary>What ffmpeg is called with.</summary>
    internal IEnumerable<string> Arguments(string output)
    {
        string filter = string.Join(',', ((string[])[Filter, $"scale={Width}:{Height}", ShowFrameCounter ? FrameCounter.DrawFilter(Width) : "", "format=yuv420p"])
            .Where(part => part.Length > 0));
        return
        [
            "-hide_banner", "-loglevel", "error", "-y", .. Input, "-t", Text(Seconds), "-an", "-r", Text(FrameRate),
            "-filter_complex", filter, .. Encoder(),
            "-g", Text(GopLength), "-keyint_min", Text(GopLength), "-sc_threshold", "0", "-bf", Text(BFrames),
            "-b:v", $"{BitrateKbps}k", "-maxrate", $"{BitrateKbps * 11 / 10}k", "-bufsize", $"{BitrateKbps / 2}k",
            .. EncoderParameters(), output,
        ];
    }

    private string[] Encoder() => Codec == CodecKind.H265
        ? ["-c:v", "libx265", "-preset", "ultrafast"]
        : ["-c:v", "libx264", "-preset", "superfast", "-profile:v", Profile];

    private string[] EncoderParameters() => Codec == CodecKind.H265
        ? ["-x265-params", $"log-level=error:scenecut=0:slices={SlicesPerPicture}:open-gop={(OpenGop ? 1 : 0)}:b-adapt=0", "-f", "hevc"]
        : ["-x264-params", $"nal-hrd=none:force-cfr=1:slices={SlicesPerPicture}", "-f", "h264"];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
