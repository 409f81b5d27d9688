using System.Globalization;
using Vms.Codecs;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Writing;

/// <summary>Streams of other codecs than H.264, and with sound, from the log to files and clips; ffmpeg is the judge.</summary>
public sealed class CodecTests
{
    private const int Frames = 25 * 25;

    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 11, 59, 30, TimeSpan.Zero);

    [Theory]
    [InlineData(CodecKind.H265, CodecKind.Aac)]
    [InlineData(CodecKind.H264, CodecKind.PcmA)]
    public async Task Every_picture_and_all_sound_since_the_first_keyframe_is_recorded_and_plays(CodecKind video, CodecKind audio)
    {
        var postgres = await PrivatePostgres.SharedAsync();
        await using var rig = await new RecorderRig(await postgres.CreateDatabaseAsync()).StartAsync();
        var footage = await VideoFootage.LoadAsync(video == CodecKind.H265 ? FootageSpec.SmallH265 : FootageSpec.Small);
        using var feed = new TracksFeed(rig.Logs, "cam1", footage, await AudioFootage.LoadAsync(audio), s_start);
        await rig.RecordAsync("cam1", segmentSeconds: 10);

        feed.Append(1);
        long soundBefore = feed.SoundFrames;    // came before the first keyframe
        feed.Append(Frames - 1);
        await Eventually.TrueAsync(() => rig.Ledgers.Of("cam1", "main").Written.LastSequence >= feed.NextSequence - 26);
        await rig.StopRecordingAsync("cam1");

        string level = audio == CodecKind.PcmA ? "error" : "warning";
        var files = rig.Files("cam1");
        Assert.InRange(files.Count, 2, 4);
        int decoded = 0, sound = 0;
        foreach (string file in files)
        {
            await ArchiveJudge.AssertDecodesAsync(file, level);
            decoded += await ArchiveJudge.DecodedFramesAsync(file);
            sound += await SoundPacketsAsync(file);
        }

        Assert.Equal(Frames, decoded);
        Assert.Equal(feed.SoundFrames - soundBefore, sound);
        var stamps = files.SelectMany(file => FrameStamp.FindAll(ArchiveJudge.ReadShared(file))).Select(stamp => (long)stamp.Frame).ToList();
        ArchiveJudge.AssertEveryFrameOnce(stamps, 0, Frames);
        Assert.Equal(0, rig.Ledgers.Of("cam1", "main").SamplesBeforeKeyframe);

        await Eventually.TrueAsync(() => rig.Get<Vms.Recorder.Archive.IndexJournal>().Count == 0);
        var rows = await rig.Index.FindAsync("cam1", "main", s_start.AddSeconds(3.4), s_start.AddSeconds(17.4), CancellationToken.None);
        Assert.All(rows, row => Assert.Equal(feed.Tracks, row.Tracks));
        Assert.Empty(await rig.Index.GapsAsync("cam1", "main", s_start, s_start.AddSeconds(25), CancellationToken.None));
        string clip = Path.Combine(rig.Data, "clip.mp4");
        await WriteClipAsync(PlaybackPlan.Create(rows, s_start.AddSeconds(3.4), s_start.AddSeconds(17.4))!, clip);
        await ArchiveJudge.AssertDecodesAsync(clip, level);
        // From the keyframe at 3 s to the last fragment that begins before 17.4 s.
        Assert.InRange(await ArchiveJudge.DecodedFramesAsync(clip), 14 * 25, 15 * 25);
        Assert.InRange(await SoundPacketsAsync(clip), 1, (int)feed.SoundFrames);
    }

    [Theory]
    [InlineData(CodecKind.PcmU)]
    [InlineData(CodecKind.Opus)]
    public async Task A_stream_of_sound_alone_is_refused_and_says_so(CodecKind audio)
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new TracksFeed(rig.Logs, "cam1", null, await AudioFootage.LoadAsync(audio), s_start);
        await rig.RecordAsync("cam1");

        feed.AppendSound((s_start.ToUnixTimeMilliseconds() * 1000) + 2_000_000);

        await Eventually.TrueAsync(() => rig.Recordings.Statuses().Single() is { State: "failed", Reason: "unsupported" });
        Assert.Empty(rig.Files("cam1"));
    }

    private static async Task WriteClipAsync(PlaybackPlan plan, string path)
    {
        using var reader = new FragmentReader(new PlaybackOptions(), new ArchiveLayout("recordings"));
        await using var body = new RecordedBodyStream(ClipBody.Build(plan), reader);
        await using var file = File.Create(path);
        await body.CopyToAsync(file);
    }

    private static async Task<int> SoundPacketsAsync(string path) => int.Parse(
        await ChildProcess.RunAsync(
            "ffprobe",
            ["-v", "warning", "-count_packets", "-select_streams", "a:0", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", path]),
        CultureInfo.InvariantCulture);
}
