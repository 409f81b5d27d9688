using Vms.Codecs;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Interop.Tests.Recordings;

/// <summary>GStreamer decodes recorded files and clips, picture by picture and with their sound.</summary>
public sealed class GStreamerTests
{
    private const int MostCutByEditList = 13;

    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(2);

    /// <summary>Without bounds: both sinks begin together.</summary>
    private static readonly string[] s_queue = ["queue", "max-size-buffers=0", "max-size-bytes=0", "max-size-time=0"];

    [Theory]
    [InlineData(CodecKind.H264, CodecKind.PcmA, false)]
    [InlineData(CodecKind.H264, CodecKind.PcmA, true)]
    [InlineData(CodecKind.H264, CodecKind.Aac, true)]
    [InlineData(CodecKind.H265, CodecKind.Aac, false)]
    [InlineData(CodecKind.H265, CodecKind.PcmU, true)]
    public async Task Qtdemux_gives_every_picture_once_and_all_sound(CodecKind video, CodecKind sound, bool clip)
    {
        using var recorded = await RecordedFile.CreateAsync(video, sound);
        await DecodeAsync(recorded, ["qtdemux", "name=demux", .. Branch("demux.video_0"), .. Pictures(video, recorded), .. IsHeard(sound, clip) ? (string[])[.. Branch("demux.audio_0"), .. Samples(sound, recorded)] : []], clip);

        AssertSeen(recorded, clip);
        if (IsHeard(sound, clip)) AssertHeard(recorded, clip);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Parsebin_finds_out_by_itself_what_is_in_them(bool clip)
    {
        using var recorded = await RecordedFile.CreateAsync(CodecKind.H264, CodecKind.PcmU);
        await DecodeAsync(
            recorded,
            [
                "parsebin", "name=demux", "demux.", "!", "video/x-h264", "!", .. s_queue, "!", .. Pictures(CodecKind.H264, recorded),
                .. IsHeard(CodecKind.PcmU, clip) ? (string[])["demux.", "!", "audio/x-mulaw", "!", .. s_queue, "!", .. Samples(CodecKind.PcmU, recorded)] : [],
            ],
            clip);

        AssertSeen(recorded, clip);
        if (!clip) AssertHeard(recorded, clip);
    }

    /// <summary>GStreamer 1.22 decodes no FLAC out of MP4 ("no valid frames"); ffmpeg and Chromium do.</summary>
    private static bool IsHeard(CodecKind sound, bool clip) => !clip || sound == CodecKind.Aac;

    private static async Task DecodeAsync(RecordedFile recorded, string[] behindSource, bool clip)
    {
        string file = clip ? await recorded.ClipAsync() : recorded.Segment;
        string said = await ChildProcess.RunAsync("gst-launch-1.0", ["-q", "filesrc", $"location={file}", "!", .. behindSource], s_deadline);
        Assert.DoesNotContain("ERROR", said, StringComparison.Ordinal);
    }

    private static string[] Branch(string pad) => [pad, "!", .. s_queue, "!"];

    private static string[] Pictures(CodecKind codec, RecordedFile recorded) =>
    [
        .. codec == CodecKind.H265 ? (string[])["h265parse", "!", "libde265dec"] : ["h264parse", "!", "openh264dec"],
        "!", "videoconvert", "!", "video/x-raw,format=GRAY8", "!", "filesink", $"location={recorded["pictures.gray"]}",
    ];

    private static string[] Samples(CodecKind codec, RecordedFile recorded) =>
    [
        .. codec switch
        {
            CodecKind.Aac => (string[])["aacparse", "!", "faad"],
            CodecKind.PcmA => ["alawdec"],
            _ => ["mulawdec"],
        },
        "!", "audioconvert", "!", "audio/x-raw,format=S16LE,channels=1", "!", "filesink", $"location={recorded["sound.raw"]}",
    ];

    private static void AssertSeen(RecordedFile recorded, bool clip)
    {
        int width = recorded.Video.Spec.Width;
        byte[] pictures = File.ReadAllBytes(recorded["pictures.gray"]);
        int picture = width * recorded.Video.Spec.Height;
        var numbers = pictures.Chunk(picture).Select(p => FrameCounter.ReadRow(p.AsSpan(FrameCounter.RowOf(width) * width, width))).ToList();
        // qtdemux takes the edit list of a clip with sound for half a second too much.
        int first = clip ? Math.Min(numbers[0] ?? 0, MostCutByEditList) : 0;
        Assert.Equal(Enumerable.Range(first, recorded.Video.Frames.Count - first).Select(n => (int?)n), numbers);
    }

    private static void AssertHeard(RecordedFile recorded, bool clip)
    {
        double seconds = new FileInfo(recorded["sound.raw"]).Length / 2.0 / recorded.Sound.Track.Timescale;
        Assert.InRange(seconds, RecordedFile.Seconds - (clip ? 0.8 : 0.3), RecordedFile.Seconds + 0.1);
    }
}
