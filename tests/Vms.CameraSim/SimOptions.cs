using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Vms.Codecs;

namespace Vms.CameraSim;

/// <summary>The command line of <c>camera-sim</c>.</summary>
internal sealed record SimOptions
{
    private const string Usage = """
        camera-sim: simulated RTSP cameras at rtsp://127.0.0.1:PORT/cam/1 and on
          --port P             RTSP port; 0 (default): any
          --cameras N          how many, 1 to 1000 (default 1)
          --footage F          1080p | 1080p60s | 360p | demo (default 360p)
          --codec C            h264 (default) | h265
          --audio A            aac | opus | pcma | pcmu: a second track (default: none)
          --motion EVERY/LASTS a metadata track that says so often (s) that motion begins, and so long after that it is over
          --clips DIR          demo: real clips instead of drawn scenes (else $VMS_DEMO_CLIPS)
          --user U --password W   ask for digest authentication
          --udp-port P         even; RTP over UDP comes from it; 0 (default): any
          --wire-paced         every RTP packet in a write of its own, as cameras do
          --no-frame-counter   leaves the blocks with the frame number out: for screenshots
          --stats FILE         one line of JSON a second
          --stdin-lifeline     end when standard input ends
        """;

    public int Port { get; init; }

    public int Cameras { get; init; } = 1;

    public string Footage { get; init; } = "360p";

    public CodecKind Codec { get; init; } = CodecKind.H264;

    /// <summary>None: no sound.</summary>
    public CodecKind Audio { get; init; }

    /// <summary>Seconds from one motion to the next, and of each; null: no metadata track.</summary>
    public (int Every, int Lasts)? Motion { get; init; }

    public string? Clips { get; init; } = Environment.GetEnvironmentVariable("VMS_DEMO_CLIPS");

    public string? User { get; init; }

    public string? Password { get; init; }

    public int UdpPort { get; init; }

    public bool WirePaced { get; init; }

    public bool ShowFrameCounter { get; init; } = true;

    public string? StatsFile { get; init; }

    public bool StdinLifeline { get; init; }

    public static bool TryParse(string[] args, [NotNullWhen(true)] out SimOptions? options, out string? error)
    {
        options = new SimOptions();
        error = null;
        for (int i = 0; i < args.Length; i++)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            SimOptions? next = (args[i], value) switch
            {
                ("--wire-paced", _) => options with { WirePaced = true },
                ("--no-frame-counter", _) => options with { ShowFrameCounter = false },
                ("--stdin-lifeline", _) => options with { StdinLifeline = true },
                (_, null) => null,
                ("--port", _) when IsNumber(value, 65535, out int port) => options with { Port = port },
                ("--cameras", _) when IsNumber(value, 1000, out int cameras) && cameras > 0 => options with { Cameras = cameras },
                ("--udp-port", _) when IsNumber(value, 65534, out int port) && port % 2 == 0 => options with { UdpPort = port },
                ("--footage", "1080p" or "1080p60s" or "360p" or "demo") => options with { Footage = value },
                ("--codec", "h264") => options with { Codec = CodecKind.H264 },
                ("--codec", "h265") => options with { Codec = CodecKind.H265 },
                ("--audio", "aac") => options with { Audio = CodecKind.Aac },
                ("--audio", "opus") => options with { Audio = CodecKind.Opus },
                ("--audio", "pcma") => options with { Audio = CodecKind.PcmA },
                ("--audio", "pcmu") => options with { Audio = CodecKind.PcmU },
                ("--motion", _) when value.Split('/') is [var every, var lasts] && IsNumber(every, 3600, out int period) && IsNumber(lasts, period - 1, out int length)
                    && length > 0 => options with { Motion = (period, length) },
                ("--clips", _) => options with { Clips = value },
                ("--user", _) => options with { User = value },
                ("--password", _) => options with { Password = value },
                ("--stats", _) => options with { StatsFile = value },
                _ => null,
            };
            if (next is null)
            {
                error = $"Cannot use {args[i]} {value}.\n{Usage}";
                options = null;
                return false;
            }

            options = next;
            if (args[i] is not ("--wire-paced" or "--no-frame-counter" or "--stdin-lifeline"))
                i++;
        }

        return true;
    }

    private static bool IsNumber(string text, int max, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= max;
}
