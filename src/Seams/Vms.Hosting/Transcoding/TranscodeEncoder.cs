namespace Vms.Hosting.Transcoding;

/// <summary>An H.264 encoder of ffmpeg and how it is told to be quick.</summary>
/// <param name="Name">As ffmpeg calls it.</param>
/// <param name="Upload">Filters that bring a picture to where it encodes.</param>
/// <param name="Device">Options before the input.</param>
/// <param name="Arguments">Of the encoder itself.</param>
public sealed record TranscodeEncoder(string Name, string Upload, IReadOnlyList<string> Device, IReadOnlyList<string> Arguments)
{
    private const string RenderDevice = "/dev/dri/renderD128";

    /// <summary>Always there where ffmpeg is the system's.</summary>
    public static TranscodeEncoder Software { get; } = new(
        "libx264", "format=yuv420p", [],
        ["-preset", "veryfast", "-tune", "zerolatency", "-profile:v", "high", "-level:v", "5.1", "-crf", "23", "-maxrate", "8M", "-bufsize", "8M", "-threads", "2"]);

    public bool IsSoftware => this == Software;

    /// <summary>What this machine may have, the cheapest first. Whether it works is found out by trying.</summary>
    public static IEnumerable<TranscodeEncoder> Candidates()
    {
        if (OperatingSystem.IsWindows() || File.Exists("/dev/nvidia0"))
        {
            yield return new(
                "h264_nvenc", "format=yuv420p", [],
                ["-preset", "p2", "-tune", "ull", "-profile:v", "high", "-rc", "vbr", "-cq", "25", "-maxrate", "8M", "-bufsize", "8M", "-bf", "0", "-forced-idr", "1"]);
        }

        if (File.Exists(RenderDevice))
        {
            yield return new(
                "h264_vaapi", "format=nv12,hwupload", ["-vaapi_device", RenderDevice],
                ["-profile:v", "high", "-qp", "24", "-bf", "0"]);
        }

        yield return Software;
    }

    /// <summary>Arguments of an ffmpeg that reads one video on its input and writes it as H.264 in FLV to its output, each picture as
    /// soon as it is there, with the presentation times it came with.</summary>
    /// <param name="format">matroska or mp4.</param>
    /// <param name="firstMs">Earlier pictures are only decoded.</param>
    public IEnumerable<string> Convert(string format, long firstMs) =>
    [
        "-hide_banner", "-nostats", "-nostdin", "-loglevel", "error", "-max_alloc", "268435456", "-protocol_whitelist", "pipe",
        .. Device,
        "-probesize", "32", "-analyzeduration", "0", "-thread_type", "slice", "-threads", "2", "-copyts",
        "-f", format, "-i", "pipe:0", "-map", "0:v:0",
        "-vf", FormattableString.Invariant(
            $"select=gte(t\\,{firstMs / 1000}.{firstMs % 1000:D3}-0.0005),scale=w=min({MaxWidth}\\,iw):h=-2:flags=fast_bilinear,{Upload}"),
        "-fps_mode", "passthrough", "-enc_time_base", "1/1000", "-c:v", Name, .. Arguments,
        "-g", "100000", "-force_key_frames", "expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+2))",
        "-avoid_negative_ts", "disabled", "-muxdelay", "0", "-flush_packets", "1", "-flvflags", "no_duration_filesize+no_metadata",
        "-f", "flv", "pipe:1",
    ];

    /// <summary>Arguments that encode three pictures into nothing.</summary>
    public IEnumerable<string> Try() =>
    [
        "-hide_banner", "-nostats", "-nostdin", "-loglevel", "error", .. Device, "-f", "lavfi", "-i", "color=size=320x240:rate=10",
        "-frames:v", "3", "-vf", Upload, "-c:v", Name, .. Arguments, "-f", "null", "-",
    ];

    /// <summary>Larger pictures are scaled down: this is for looking, the recording keeps them.</summary>
    private const int MaxWidth = 1920;
}
