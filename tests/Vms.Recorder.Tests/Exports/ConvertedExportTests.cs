using System.Globalization;
using System.Security.Cryptography;
using Vms.Codecs;
using Vms.Contracts.Recorder;
using Vms.Hosting.Heads;
using Vms.Recorder.Archive;
using Vms.Recorder.Exports;
using Vms.Recorder.Heads;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Exports;

/// <summary>Files of an export that ffmpeg makes: Matroska, and pictures with something burnt in.</summary>
public sealed class ConvertedExportTests
{
    private const int Width = 640;
    private const int Height = 360;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task An_MKV_has_every_picture_from_the_keyframe_before_the_asked_time_and_says_whose_it_is(int bFrames)
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 25, bFrames: bFrames);
        var spec = rig.Spec(3.4, 21.2, "cam1");
        spec.Format = "mkv";
        var done = await rig.FinishAsync(spec);

        Assert.Equal((ExportStates.Done, ""), (done.State, done.Detail));
        var file = Assert.Single(Assert.Single(rig.ManifestOf(done).Cameras).Files);
        Assert.Equal($"Gate-cam1_{ExportRig.Time(3)}.mkv", file.Name);
        Assert.Equal((ExportRig.Start.AddSeconds(3), "mkv"), (file.From, file.Conversion!.Container));
        Assert.Empty(file.Conversion.AlteredOnPurpose);
        string path = rig.PathOf(done, file.Name);
        byte[] bytes = await File.ReadAllBytesAsync(path);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), file.Sha256);

        await ArchiveJudge.AssertDecodesAsync(path);
        var counters = Footage.CountersIn(bytes);
        ArchiveJudge.AssertEveryFrameOnce([.. counters.Order()], 75, 75 + counters.Count);
        Assert.InRange(counters[^1], (21.2 * Footage.FramesPerSecond) - 1, 22.3 * Footage.FramesPerSecond);
        double[] times = await Pictures.TimesAsync(path);
        Assert.Equal(counters.Count, times.Length);
        Assert.Equal(times.Order().Distinct(), times);
        Assert.InRange(times[^1] - times[0], ((times.Length - 1) * 0.04) - 0.002, ((times.Length - 1) * 0.04) + 0.002);

        string tags = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-show_entries", "format=format_name,duration:format_tags", "-of", "default=nw=1", path]);
        foreach (string tag in new[] { "format_name=matroska", "title=Gate cam1", "CAMERA_ID=cam1", "CAMERA_NAME=Gate cam1", "SITE_ID=site1", "STREAM=main", "DATE_RECORDED=2026-11-21T09:30:03.000Z", "SOFTWARE=" })
            Assert.Contains(tag, tags, StringComparison.Ordinal);
        Assert.Contains("duration=1", tags, StringComparison.Ordinal);      // written behind, and with it where keyframes are
    }

    [Theory]
    [InlineData("mp4")]
    [InlineData("mkv")]
    public async Task A_burnt_in_file_has_every_picture_of_exactly_the_asked_time_with_its_areas_black_and_its_text_in_place(string format)
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", FootageSpec.Small, CodecKind.Aac, 15);
        var recorded = await rig.ExportAsync(3.4, 11.4, "cam1");
        var spec = rig.Spec(3.4, 11.4, "cam1");
        spec.Format = format;
        // What a filter's syntax would take for its own is text.
        spec.BurnIn = new ExportBurnIn { Watermark = "Court: only, 100% \\ 'x' %{pts} ünï" };
        spec.BurnIn.Masks.Add(new ExportMask { X = 0.5, Y = 0.5, Width = 0.251, Height = 0.301 });
        spec.BurnIn.Masks.Add(new ExportMask { CameraId = "cam1", X = 0, Y = 0.7, Width = 0.1, Height = 0.05 });
        var done = await rig.FinishAsync(spec);

        Assert.Equal((ExportStates.Done, ""), (done.State, done.Detail));
        var file = Assert.Single(Assert.Single(rig.ManifestOf(done).Cameras).Files);
        Assert.Equal((spec.FromUnixMs, spec.ToUnixMs), (file.From.ToUnixTimeMilliseconds(), file.To.ToUnixTimeMilliseconds()));
        Assert.Equal(["hidden areas: 2", "text shown: " + spec.BurnIn.Watermark], file.Conversion!.AlteredOnPurpose);
        string path = rig.PathOf(done, file.Name);
        await ArchiveJudge.AssertDecodesAsync(path);

        var pictures = await Pictures.ReadAsync(path, Width, Height);
        Assert.Equal(Enumerable.Range(85, 200).Select(n => (int?)(n % 250)), pictures.Numbers());
        double[] times = await Pictures.TimesAsync(path);
        for (int i = 0; i < times.Length; i++) Assert.InRange(times[i] - times[0], (i * 0.04) - 0.0011, (i * 0.04) + 0.0011);
        Assert.InRange(times[0], 0, 0.03);      // Matroska begins with the sound, which began a little earlier

        var before = await Pictures.ReadAsync(rig.PathOf(recorded, $"Gate-cam1_{ExportRig.Time(3)}.mp4"), Width, Height);
        Assert.Equal(85, before.Numbers()[0]);
        for (int i = 0; i < pictures.Count; i += 33)
        {
            // Black is 16; coding blurs the edges.
            Assert.InRange(pictures.Brightest(i, 328, 188, 144, 92), 0, 24);
            Assert.InRange(pictures.Brightest(i, 8, 258, 46, 6), 0, 24);
            Assert.InRange(pictures.Difference(i, before, i, 120, 60, 400, 100), 0, 4);
            Assert.True(pictures.Difference(i, before, i, 10, 335, 250, 18) > 10, $"the text is not in picture {i}");
        }

        string tags = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-show_entries", "stream=codec_name:format_tags", "-of", "default=nw=1", path]);
        foreach (string tag in new[] { "codec_name=h264", "codec_name=aac", "CAMERA_ID=cam1", "Altered on purpose when it was exported: hidden areas: 2; text shown: Court" })
            Assert.Contains(tag, tags, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mp4")]
    [InlineData("mkv")]
    public async Task Faces_are_hidden_as_long_as_they_were_there_and_everything_else_stays_and_what_was_not_looked_at_is_said(string format)
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", FootageSpec.Small, CodecKind.None, 15);
        var recorded = await rig.ExportAsync(3.4, 11.4, "cam1");
        long Us(double second) => UnixTime.ToMicroseconds(ExportRig.Start.AddSeconds(second));
        var heads = rig.Recorder.Get<HeadStore>();
        // Somebody walks from the left third of the picture to the right one; nobody looked from second 10 on.
        heads.Add("cam1", HeadBytes.Write(new HeadEntry(Us(0), Us(6), [new HeadSpan(Us(5), Us(6), 0.25f, 0.5f, 0.125f, 0.25f)])));
        heads.Add("cam1", HeadBytes.Write(new HeadEntry(Us(6), Us(10), [new HeadSpan(Us(6), Us(7), 0.625f, 0.5f, 0.125f, 0.25f)])));
        heads.Add("cam2", HeadBytes.Write(new HeadEntry(Us(0), Us(20), [new HeadSpan(Us(0), Us(20), 0, 0, 1, 1)])));
        var spec = rig.Spec(3.4, 11.4, "cam1");
        spec.Format = format;
        spec.BurnIn = new ExportBurnIn { Faces = true };
        var done = await rig.FinishAsync(spec);

        Assert.Equal((ExportStates.Done, ""), (done.State, done.Detail));
        Assert.Equal(1.4, done.UnlookedSeconds, 3);
        var file = Assert.Single(Assert.Single(rig.ManifestOf(done).Cameras).Files);
        Assert.Equal(["faces hidden where people were found", "faces not looked for, and not hidden, during 00:00:01 of this file"], file.Conversion!.AlteredOnPurpose);
        string path = rig.PathOf(done, file.Name);
        var pictures = await Pictures.ReadAsync(path, Width, Height);
        var before = await Pictures.ReadAsync(rig.PathOf(recorded, $"Gate-cam1_{ExportRig.Time(3)}.mp4"), Width, Height);
        Assert.Equal(200, pictures.Count);
        Assert.Equal(85, before.Numbers()[0]);
        int walking = 0;
        for (int i = 0; i < pictures.Count; i++)
        {
            double second = 3.4 + (i * 0.04);
            Look(160, second is > 4.45 and < 6.55, second is < 4.35 or > 6.65);
            Look(400, second is > 5.45 and < 7.55, second is < 5.35 or > 7.65);
            Assert.InRange(pictures.Difference(i, before, i, 10, 10, 600, 160), 0, 4);
            Assert.InRange(pictures.Difference(i, before, i, 500, 180, 130, 170), 0, 4);

            void Look(int x, bool isHidden, bool isSeen)
            {
                // 80 x 90 pixels; coding blurs the edges. One plain colour: nothing of the picture is in it.
                if (isHidden)
                {
                    walking++;
                    Assert.InRange(pictures.Brightest(i, x + 6, 186, 68, 78) - pictures.Darkest(i, x + 6, 186, 68, 78), 0, 12);
                    Assert.InRange(pictures.Brightest(i, x + 6, 186, 68, 78), 60, 95);
                }
                else if (isSeen)
                {
                    Assert.InRange(pictures.Difference(i, before, i, x + 6, 186, 68, 78), 0, 4);
                }
            }
        }

        Assert.InRange(walking, 100, 110);
        string tags = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-show_entries", "format_tags", "-of", "default=nw=1", path]);
        Assert.Contains("Altered on purpose when it was exported: faces hidden where people were found; faces not looked for", tags, StringComparison.Ordinal);
        Assert.Equal(["files", "spec.json", "state.json"], Directory.GetFileSystemEntries(rig.Folder.FolderOf(spec.Id)).Select(f => Path.GetFileName(f)).Order());
    }

    [Fact]
    public async Task More_faces_than_can_be_hidden_end_an_export_and_leave_no_file_with_faces()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 5);
        long fromUs = UnixTime.ToMicroseconds(ExportRig.Start);
        var heads = rig.Recorder.Get<HeadStore>();
        byte[] crowd = HeadBytes.Write(new HeadEntry(fromUs, fromUs + 5_000_000, [.. Enumerable.Repeat(new HeadSpan(fromUs, fromUs + 1_000_000, 0.1f, 0.1f, 0.1f, 0.1f), HeadBytes.MaxSpans)]));
        for (int i = 0; i <= FaceCover.MaxSpans / HeadBytes.MaxSpans; i++) Assert.True(heads.Add("cam1", crowd));
        var spec = rig.Spec(0, 5, "cam1");
        spec.BurnIn = new ExportBurnIn { Faces = true };
        var done = await rig.FinishAsync(spec);

        Assert.Equal((ExportStates.Failed, "tooManyFaces"), (done.State, done.Code));
        Assert.Contains("shorter time", done.Detail, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(rig.Folder.FolderOf(spec.Id), "*.m*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_silent_camera_s_range_may_end_long_before_its_last_fragment_does()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", FootageSpec.FullHd, CodecKind.None, 6);
        var spec = rig.Spec(1, 2.2, "cam1");        // the fragment from 2 to 4 s has 900 KB behind that: the converter has no use for them
        spec.BurnIn = new ExportBurnIn { Watermark = "Court" };
        var done = await rig.FinishAsync(spec);

        Assert.Equal((ExportStates.Done, ""), (done.State, done.Detail));
        var file = Assert.Single(Assert.Single(rig.ManifestOf(done).Cameras).Files);
        Assert.Equal(30, (await Pictures.TimesAsync(rig.PathOf(done, file.Name))).Length);
    }

    [Theory]
    [InlineData("", "2026-11-21 09:30:0{0}.{1} UTC")]
    [InlineData("Europe/Berlin", "2026-11-21 10:30:0{0}.{1} +0100")]
    [InlineData("Asia/Kolkata", "2026-11-21 15:00:0{0}.{1} +0530")]
    public async Task Each_picture_shows_when_it_was_captured(string zone, string text)
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", FootageSpec.Small, CodecKind.None, 8);
        var recorded = await rig.ExportAsync(3.4, 6.6, "cam1");
        var spec = rig.Spec(3.4, 6.6, "cam1");
        spec.BurnIn = new ExportBurnIn { Time = true, TimeZone = zone };
        var done = await rig.FinishAsync(spec);
        Assert.Equal((ExportStates.Done, ""), (done.State, done.Detail));
        var camera = Assert.Single(rig.ManifestOf(done).Cameras);
        string mine = rig.PathOf(done, Assert.Single(camera.Files).Name);
        string theirs = rig.PathOf(recorded, Assert.Single(rig.ManifestOf(recorded).Cameras).Files[0].Name);

        // Picture 85 is of 09:30:03.400; the others follow every 40 ms. Another time differs in at least one digit.
        var pictures = await Pictures.ReadAsync(mine, Width, Height);
        Assert.Equal(80, pictures.Count);
        foreach (int i in new[] { 0, 14, 15, 40, 79 })
        {
            Assert.InRange(await AgainstAsync(i, 0), 0, 6);
            Assert.True(await AgainstAsync(i, 1) > await AgainstAsync(i, 0) * 1.5);
        }

        async Task<double> AgainstAsync(int picture, int late)
        {
            int ms = 3400 + (40 * (picture + late));
            string expected = string.Format(CultureInfo.InvariantCulture, text, ms / 1000, (ms % 1000).ToString("D3", CultureInfo.InvariantCulture)).Replace(":", "\\:", StringComparison.Ordinal);
            var drawn = await Pictures.ReadAsync(
                theirs, Width, Height,
                $"select=eq(n\\,{picture}),drawtext=fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf:text='{expected}':fontsize=15:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=4:x=10:y=10");
            // The last digits of the milliseconds, and all before them.
            return pictures.Difference(picture, drawn, 0, 8, 8, 215, 18);
        }
    }

    [Fact]
    public async Task A_camera_without_anything_burnt_in_leaves_as_it_was_recorded_with_its_proof()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 5);
        await rig.RecordAsync("cam2", 5);
        var spec = rig.Spec(0, 5, "cam1", "cam2");
        spec.BurnIn = new ExportBurnIn { Masks = { new ExportMask { CameraId = "cam2", Width = 0.5, Height = 0.5 } } };
        var done = await rig.FinishAsync(spec);

        var cameras = rig.ManifestOf(done).Cameras;
        Assert.Null(cameras[0].Files[0].Conversion);
        Assert.NotEmpty(cameras[0].Files[0].Parts);
        Assert.Equal(["hidden areas: 1"], cameras[1].Files[0].Conversion!.AlteredOnPurpose);
        Assert.Empty(Footage.CountersIn(await File.ReadAllBytesAsync(rig.PathOf(done, cameras[1].Files[0].Name))));     // nothing of what was recorded
    }

    [Theory]
    [InlineData(CodecKind.H265, CodecKind.Aac, "mkv", false, "hevc", "aac")]
    [InlineData(CodecKind.H264, CodecKind.PcmA, "mkv", false, "h264", "pcm_alaw")]
    [InlineData(CodecKind.H265, CodecKind.Opus, "mp4", true, "h264", "opus")]
    [InlineData(CodecKind.H264, CodecKind.PcmA, "mp4", true, "h264", "aac")]
    public async Task Sound_goes_along_in_step(CodecKind video, CodecKind audio, string format, bool burns, string videoName, string audioName)
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", video == CodecKind.H265 ? FootageSpec.SmallH265 : FootageSpec.Small, audio, 14);
        var spec = rig.Spec(3.4, 9.4, "cam1");
        spec.Format = format;
        if (burns) spec.BurnIn = new ExportBurnIn { Time = true };
        var done = await rig.FinishAsync(spec);

        Assert.Equal((ExportStates.Done, ""), (done.State, done.Detail));
        string path = rig.PathOf(done, Assert.Single(Assert.Single(rig.ManifestOf(done).Cameras).Files).Name);
        await ArchiveJudge.AssertDecodesAsync(path, audio == CodecKind.PcmA ? "error" : "warning");
        string streams = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", path]);
        Assert.Equal([videoName, audioName], streams.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(s => s.Trim()));
        double[] pictures = await Pictures.TimesAsync(path);
        string heard = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-select_streams", "a:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0", path]);
        double[] sounds = [.. heard.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(t => double.Parse(t.TrimEnd(','), CultureInfo.InvariantCulture))];
        Assert.InRange(sounds[0] - pictures[0], -0.6, 0.2);
        Assert.InRange(sounds[^1] - pictures[^1], -0.6, 0.6);
        if (burns) Assert.Equal(150, pictures.Length);
    }

    [Fact]
    public async Task A_child_that_encodes_has_least_right_to_the_machine_and_goes_with_its_export()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", FootageSpec.FullHd, CodecKind.None, 60);
        var spec = rig.Spec(0, 60, "cam1");
        spec.BurnIn = new ExportBurnIn { Time = true };
        rig.Queue.Start(spec);
        int child = 0;
        await Eventually.TrueAsync(() => (child = ChildIn(rig.Folder.FolderOf(spec.Id))) != 0, TimeSpan.FromMinutes(2));
        await Eventually.TrueAsync(() => rig.Queue.Start(spec).BytesDone > 0, TimeSpan.FromMinutes(3));
        Assert.Equal("19", (await File.ReadAllTextAsync($"/proc/{child}/stat")).Split(") ")[^1].Split(' ')[16]);
        string limits = await File.ReadAllTextAsync($"/proc/{child}/limits");
        Assert.Matches(@"Max file size +\d", limits);
        Assert.Matches(@"Max address space +4294967296 ", limits);
        Assert.Matches(@"Max core file size +0 ", limits);

        await rig.Queue.DeleteAsync(spec.Id);
        Assert.Empty(Directory.GetDirectories(rig.Folder.Root));
        await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{child}"));
        Assert.Equal(ExportStates.Done, (await rig.ExportAsync(0, 2, "cam1")).State);
    }

    [Fact]
    public async Task A_stop_ends_the_child_and_the_next_start_begins_the_file_anew_and_keeps_the_finished_one()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 5);
        await rig.RecordAsync("cam2", FootageSpec.FullHd, CodecKind.None, 20);
        var spec = rig.Spec(0, 20, "cam1", "cam2");
        spec.BurnIn = new ExportBurnIn { Watermark = "For the court" };
        rig.Queue.Start(spec);
        string folder = rig.Folder.FolderOf(spec.Id), first = Path.Combine(folder, "files", $"Gate-cam1_{ExportRig.Time(0)}.mp4");
        int child = 0;
        await Eventually.TrueAsync(() => File.Exists(first) && (child = ChildIn(folder)) != 0 && Directory.GetFiles(Path.GetDirectoryName(first)!, "*.part").Length > 0, TimeSpan.FromMinutes(3));
        var written = File.GetLastWriteTimeUtc(first);
        await rig.Recorder.StopAsync();
        Assert.False(Directory.Exists($"/proc/{child}"));
        Assert.Equal([first], Directory.GetFiles(Path.GetDirectoryName(first)!));

        await rig.Recorder.StartAsync();
        var done = await rig.FinishAsync(spec);
        Assert.Equal((ExportStates.Done, ""), (done.State, done.Detail));
        Assert.Equal(written, File.GetLastWriteTimeUtc(first));
        string second = rig.PathOf(done, rig.ManifestOf(done).Cameras[1].Files[0].Name);
        Assert.Equal(500, await ArchiveJudge.DecodedFramesAsync(second));
        Assert.Equal(["files", "spec.json", "state.json"], Directory.GetFileSystemEntries(folder).Select(f => Path.GetFileName(f)).Order());
    }

    [Theory]
    [InlineData("--VMS_TRANSCODES=0", "transcodeOff", "VMS_TRANSCODES")]
    [InlineData("--VMS_EXPORT_BYTES=1700000", "noRoom", "VMS_EXPORT_BYTES")]
    public async Task What_cannot_be_burnt_in_says_why_in_words(string setting, string code, string word)
    {
        await using var rig = await ExportRig.StartAsync(setting);
        // Recorded coarsely, and five times as large when it is encoded anew.
        await rig.RecordAsync("cam1", FootageSpec.FullHd with { Name = "fullhd-coarse", BitrateKbps = 300 }, CodecKind.None, 10);
        var spec = rig.Spec(0, 10, "cam1");
        spec.BurnIn = new ExportBurnIn { Time = true };
        var failed = await rig.FinishAsync(spec);
        Assert.Equal((ExportStates.Failed, code), (failed.State, failed.Code));
        Assert.Contains(word, failed.Detail, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(rig.Folder.FolderOf(spec.Id), "files")));
    }

    [Theory]
    [InlineData("mkv")]
    [InlineData("mp4")]
    public async Task The_page_says_of_a_converted_file_that_it_is_what_was_exported_and_no_more(string format)
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 5);
        var spec = rig.Spec(0, 5, "cam1");
        spec.Format = format;
        if (format == "mp4") spec.BurnIn = new ExportBurnIn { Watermark = "For the court" };
        var done = await rig.FinishAsync(spec);
        string said = await ChildProcess.RunAsync("node", [Path.Combine(TestPaths.Repository, "tests/Vms.Recorder.Tests/Exports/verify-converted.cjs"), Path.GetDirectoryName(rig.PathOf(done, "x"))!]);
        Assert.Equal("ok", said.Trim());
    }

    /// <summary>The process whose working directory it is; 0 when there is none.</summary>
    private static int ChildIn(string folder)
    {
        foreach (string process in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), out int id)) continue;
            try
            {
                if (File.ResolveLinkTarget(Path.Combine(process, "cwd"), returnFinalTarget: false)?.FullName == folder) return id;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is somebody else's.
            }
        }

        return 0;
    }
}
