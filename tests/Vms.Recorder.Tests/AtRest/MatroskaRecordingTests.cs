using System.Globalization;
using System.Net;
using Vms.Codecs;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Exports;
using Vms.Recorder.ReadBack;
using Vms.Recorder.Tests.Exports;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.AtRest;

/// <summary>Cameras that are recorded as Matroska; ffmpeg, GStreamer and mkvinfo are the judges.</summary>
public sealed class MatroskaRecordingTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 11, 59, 30, TimeSpan.Zero);

    [Theory]
    [InlineData(CodecKind.H264, CodecKind.Aac)]
    [InlineData(CodecKind.H265, CodecKind.Opus)]
    [InlineData(CodecKind.H264, CodecKind.PcmA)]
    [InlineData(CodecKind.H264, CodecKind.PcmU)]
    public async Task Every_picture_and_all_sound_is_in_files_that_other_programs_play(CodecKind video, CodecKind audio)
    {
        await using var rig = await new RecorderRig().StartAsync();
        var footage = await VideoFootage.LoadAsync(video == CodecKind.H265 ? FootageSpec.SmallH265 : FootageSpec.Small);
        using var feed = new TracksFeed(rig.Logs, "cam1", footage, await AudioFootage.LoadAsync(audio), s_start);
        await rig.RecordAsync("cam1", segmentSeconds: 10, adjust: s => s.Format = "mkv");
        feed.Append(25 * 25);
        await Eventually.TrueAsync(() => rig.Ledgers.Of("cam1", "main").Written.LastSequence >= feed.NextSequence - 26);
        await rig.StopRecordingAsync("cam1");

        var files = rig.Files("cam1");
        Assert.InRange(files.Count, 2, 4);
        int decoded = 0;
        foreach (string file in files)
        {
            Assert.Equal(".mkv", Path.GetExtension(file));
            await ArchiveJudge.AssertDecodesAsync(file, audio is CodecKind.PcmA or CodecKind.PcmU ? "error" : "warning");
            decoded += await ArchiveJudge.DecodedFramesAsync(file);
            string said = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-show_entries", "format=format_name:stream=codec_name:format_tags", "-of", "default=nw=1", file]);
            foreach (string expected in (string[])["format_name=matroska,webm", "title=Camera cam1", "CAMERA_ID=cam1", "STREAM=main", "SITE_ID=site1", NameOf(video), NameOf(audio)])
            {
                Assert.Contains(expected, said, StringComparison.OrdinalIgnoreCase);
            }

            await ChildProcess.RunAsync("gst-launch-1.0", ["-q", "filesrc", $"location={file}", "!", "matroskademux", "!", "fakesink"]);
            string info = await ChildProcess.RunAsync("mkvinfo", ["--all", file]);
            Assert.DoesNotContain("rror", info, StringComparison.Ordinal);
            Assert.Contains("SimpleBlock", info.Replace("Simple block", "SimpleBlock", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        Assert.Equal(25 * 25, decoded);
        var stamps = files.SelectMany(file => FrameStamp.FindAll(ArchiveJudge.ReadShared(file))).Select(stamp => (long)stamp.Frame).ToList();
        ArchiveJudge.AssertEveryFrameOnce(stamps, 0, 25 * 25);
        rig.AssertChainedAndSigned("cam1");
    }

    [Fact]
    public async Task It_plays_exports_reads_back_and_checks_like_MP4()
    {
        await using var rig = await ExportRig.StartAsync();
        using var feed = new CameraFeed(rig.Recorder.Logs, "cam1", await Footage.LoadAsync(bFrames: 2), ExportRig.Start);
        await rig.Recorder.RecordAsync("cam1", segmentSeconds: 10, adjust: s => s.Format = "mkv");
        feed.Append(25 * Footage.FramesPerSecond);
        await rig.Recorder.WrittenAsync("cam1", feed);
        await rig.Recorder.StopRecordingAsync("cam1");
        await Eventually.TrueAsync(() => rig.Recorder.Get<IndexApplier>().Available);
        Assert.All(rig.Recorder.Files("cam1"), f => Assert.EndsWith(".mkv", f, StringComparison.Ordinal));

        using var http = rig.Http(out string ticket, TicketKind.Playback, "cam1");
        string url = $"/api/cameras/cam1/clip.mp4?from={Time(3)}&to={Time(9)}&ticket={ticket}";
        await Eventually.TrueAsync(async () => (await http.GetAsync(url)).StatusCode == HttpStatusCode.OK);
        string clip = Path.Combine(rig.Recorder.Data, "clip.mp4");
        await File.WriteAllBytesAsync(clip, await http.GetByteArrayAsync(url));
        await ArchiveJudge.AssertDecodesAsync(clip);
        Assert.InRange(await ArchiveJudge.DecodedFramesAsync(clip), 6 * Footage.FramesPerSecond, 8 * Footage.FramesPerSecond);

        var done = await rig.ExportAsync(3, 21, "cam1");
        Assert.Equal((ExportStates.Done, ""), (done.State, done.Detail));
        string exported = rig.PathOf(done, done.Files.Single(f => f.Name.EndsWith(".mp4", StringComparison.Ordinal)).Name);
        await ArchiveJudge.AssertDecodesAsync(exported);
        using var keys = Containers.Integrity.IntegrityKeys.FromPem(await File.ReadAllTextAsync(Path.Combine(rig.Recorder.Data, "keys", "integrity.pub")));
        byte[] content = await File.ReadAllBytesAsync(exported);
        var verifier = new Containers.Integrity.ChainVerifier(keys);
        Assert.All(
            rig.ManifestOf(done).Cameras.Single().Files.Single().Parts,
            p => Assert.Empty(verifier.Verify("part", new MemoryStream(content[(int)p.Offset..(int)(p.Offset + p.Bytes)]), isPart: true).Findings));

        var row = (await rig.Recorder.Index.FindAsync("cam1", "main", ExportRig.Start, ExportRig.Start.AddSeconds(9), CancellationToken.None))[0];
        Assert.Equal(ReadBackVerdict.Good, new DiskReader().Read(FreshFragment.In(row)!));
        await foreach (var finding in rig.Recorder.Get<IndexCheck>().RunAsync(IndexCheckLevel.Hash, null, new IndexCheckCounts(), CancellationToken.None))
        {
            Assert.Fail(finding.ToString());
        }

        Assert.Equal(default, await rig.Recorder.Get<IndexRebuild>().RunAsync(everyFile: true, CancellationToken.None));
    }

    [Fact]
    public async Task A_restart_goes_on_in_the_same_file_and_a_torn_end_is_cut_off()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddHours(-1));
        await rig.RecordAsync("cam1", segmentSeconds: 600, adjust: s => s.Format = "mkv");
        feed.Append(110);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();
        string path = Assert.Single(rig.Files("cam1"));
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.SetLength(file.Length - 1000);
        }

        feed.Append(40);
        await rig.StartAsync();
        feed.Append(40);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();

        Assert.Single(rig.Files("cam1"));
        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), 0, feed.Next);
        await ArchiveJudge.AssertDecodesAsync(path);
        rig.AssertChainedAndSigned("cam1");
    }

    [Fact]
    public async Task Another_format_begins_with_the_next_segment_and_an_encrypted_pool_never_has_Matroska()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddHours(-1));
        await rig.RecordAsync("cam1", segmentSeconds: 10);
        feed.Append(8 * Footage.FramesPerSecond);
        await rig.WrittenAsync("cam1", feed);
        await rig.RecordAsync("cam1", segmentSeconds: 10, adjust: s => s.Format = "mkv");
        feed.Append(20 * Footage.FramesPerSecond);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();
        await rig.StartAsync("--VMS_RECORDER_ENCRYPT=on");
        feed.Append(8 * Footage.FramesPerSecond);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();

        string[] extensions = [.. rig.Files("cam1").Select(f => Path.GetExtension(f))];
        Assert.Equal([".mp4", ".mkv", ".mp4"], extensions.Where((e, i) => i == 0 || e != extensions[i - 1]));
        using var archive = new EncryptedArchive(rig.Data, rig.Layout);
        Assert.Equal(0, archive.AssertChained(rig.Files("cam1"), rig.Data));
        Assert.Empty(Footage.CountersIn(await File.ReadAllBytesAsync(rig.Files("cam1")[^1])));
    }

    private static string Time(double seconds) => ExportRig.Start.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string NameOf(CodecKind codec) => codec switch
    {
        CodecKind.H264 => "codec_name=h264",
        CodecKind.H265 => "codec_name=hevc",
        CodecKind.Aac => "codec_name=aac",
        CodecKind.Opus => "codec_name=opus",
        CodecKind.PcmA => "codec_name=pcm_alaw",
        _ => "codec_name=pcm_mulaw",
    };
}
