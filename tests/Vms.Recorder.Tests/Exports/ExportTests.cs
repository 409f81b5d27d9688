using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Vms.Codecs;
using Vms.Containers.Integrity;
using Vms.Containers.Zip;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Recorder.Exports;
using Vms.Recorder.Retention;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Exports;

public sealed class ExportTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task An_export_over_several_segments_is_one_MP4_that_begins_exactly_at_the_asked_time(int bFrames)
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 35, bFrames: bFrames);
        var done = await rig.ExportAsync(3.4, 31.2, "cam1");

        Assert.Equal((ExportStates.Done, ""), (done.State, done.Detail));
        string[] names = ["manifest.json", "manifest.sig", "verify.html", $"Gate-cam1_{ExportRig.Time(3)}.mp4"];
        Assert.Equal(names, done.Files.Select(f => f.Name));
        string path = rig.PathOf(done, names[3]);
        await ArchiveJudge.AssertDecodesAsync(path);
        string said = await ChildProcess.RunAsync(
            "ffprobe", ["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0", path]);
        double[] times = [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(t => double.Parse(t.TrimEnd(','), CultureInfo.InvariantCulture)).Where(t => t >= -0.001)];
        Assert.Equal(0, times[0], 3);
        Assert.InRange(times.Length, 694, 720);
        Assert.Equal(times.Order().Distinct(), times);
        var counters = Footage.CountersIn(await File.ReadAllBytesAsync(path));
        ArchiveJudge.AssertEveryFrameOnce(counters, counters[0], counters[0] + counters.Count);
        Assert.InRange(counters[0], 0, 85);
        Assert.True(counters[^1] >= 779);
        string tags = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-show_entries", "format=duration:format_tags", "-of", "default=nw=1", path]);
        Assert.Contains("TAG:title=Gate cam1", tags, StringComparison.Ordinal);
        Assert.Contains("duration=27.8", tags, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_manifest_is_signed_and_says_who_exported_what_and_every_file_s_hash()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 12);
        await rig.RecordAsync("cam2", 12);
        var done = await rig.ExportAsync(1, 9, "cam1", "cam2");

        byte[] bytes = await File.ReadAllBytesAsync(rig.PathOf(done, ExportManifest.FileName));
        string signature = await File.ReadAllTextAsync(rig.PathOf(done, ExportManifest.SignatureFileName));
        using var keys = IntegrityKeys.FromPem(await File.ReadAllTextAsync(Path.Combine(rig.Recorder.Data, "keys", "integrity.pub")));
        Assert.Equal(HeadSignature.Good, ExportManifest.Check(bytes, signature, keys, out _));
        bytes[^20] ^= 1;
        Assert.Equal(HeadSignature.Bad, ExportManifest.Check(bytes, signature, keys, out _));

        var manifest = rig.ManifestOf(done);
        Assert.Equal(("anna", "case 17/2026", ExportRig.Start.AddSeconds(1), ExportRig.Start.AddSeconds(9)), (manifest.ExportedBy, manifest.Note, manifest.From, manifest.To));
        Assert.Equal(["Gate cam1", "Gate cam2"], manifest.Cameras.Select(c => c.Name));
        Assert.All(manifest.Cameras, c => Assert.Empty(c.Gaps));
        foreach (var file in manifest.Cameras.SelectMany(c => c.Files))
        {
            byte[] content = await File.ReadAllBytesAsync(rig.PathOf(done, file.Name));
            Assert.Equal((content.Length, Convert.ToHexStringLower(SHA256.HashData(content))), (file.Bytes, file.Sha256));
            Assert.Equal(file.Sha256, done.Files.Single(f => f.Name == file.Name).Sha256);
            // Cut out between two signatures: the way to the next one is in the manifest.
            var verifier = new ChainVerifier(keys);
            var verdict = verifier.Verify(file.Name, new MemoryStream(content[(int)file.Parts[0].Offset..(int)(file.Parts[0].Offset + file.Parts[0].Bytes)]), isPart: true);
            Assert.Empty(verdict.Findings);
            Assert.True(verdict.UnanchoredFragments == 0 || file.Tail!.Check(verifier.Chain, keys) == HeadSignature.Good);
        }
    }

    [Fact]
    public async Task A_gap_and_a_change_of_resolution_begin_a_new_file_and_the_gap_is_named_with_its_cause()
    {
        await using var rig = await ExportRig.StartAsync();
        var large = await Footage.LoadAsync(width: 640);
        await rig.RecordAsync("cam1", 6, feed =>
        {
            feed.Interrupt(TimeSpan.FromSeconds(7.5), GapCause.CameraOffline, restartClock: true);
            feed.Append(6 * Footage.FramesPerSecond);
            feed.Show(large);
            feed.Append(6 * Footage.FramesPerSecond);
        });
        var done = await rig.ExportAsync(0, 60, "cam1");

        var camera = Assert.Single(rig.ManifestOf(done).Cameras);
        Assert.Equal(3, camera.Files.Count);
        Assert.Contains(camera.Gaps, g => g.Cause == "cameraOffline" && Math.Abs((g.To - g.From).TotalSeconds - 7.5) < 0.1);
        Assert.Contains(camera.Gaps, g => g.Cause == ExportGaps.NoRecordingHere && g.To == ExportRig.Start.AddSeconds(60));
        int frames = 0;
        foreach (var file in camera.Files)
        {
            await ArchiveJudge.AssertDecodesAsync(rig.PathOf(done, file.Name));
            frames += await ArchiveJudge.DecodedFramesAsync(rig.PathOf(done, file.Name));
        }

        Assert.Equal(18 * Footage.FramesPerSecond, frames);
    }

    [Fact]
    public async Task What_was_deleted_is_called_so_and_what_nothing_is_known_of_is_not_said_to_be_intended()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 35);
        await rig.RecordAsync("cam2", 3);
        // Two segments of ten seconds or a little more go; a hold keeps the later ones.
        var hold = new KeptRange
        {
            Id = "hold",
            CameraId = "cam1",
            Kind = "hold",
            FromUnixMs = ExportRig.Start.AddSeconds(27).ToUnixTimeMilliseconds(),
            ToUnixMs = ExportRig.Start.AddSeconds(34).ToUnixTimeMilliseconds(),
        };
        rig.Recorder.Get<KeptFootage>().Apply(new KeptRanges { Generation = 2, Ranges = { hold } });
        Assert.Equal(2, rig.Recorder.Retention.DeleteArchive("cam1", "somebody").Segments);
        var done = await rig.ExportAsync(-5, 40, "cam1", "cam2");

        var camera = rig.ManifestOf(done).Cameras[0];
        Assert.Equal([ExportGaps.NoRecordingHere, ExportGaps.Deleted, ExportGaps.NoRecordingHere], camera.Gaps.Select(g => g.Cause));
        Assert.Equal(ExportRig.Start, camera.Gaps[0].To);
        Assert.Equal((ExportRig.Start, camera.Files[0].From), (camera.Gaps[1].From, camera.Gaps[1].To));
        Assert.InRange((camera.Files[0].From - ExportRig.Start).TotalSeconds, 19.9, 25.1);
        Assert.Equal(ExportRig.Start.AddSeconds(40), camera.Gaps[2].To);
        Assert.DoesNotContain(rig.ManifestOf(done).Cameras[1].Gaps, g => g.Cause == ExportGaps.Deleted);
    }

    [Fact]
    public async Task The_stream_that_was_recorded_is_exported()
    {
        await using var rig = await ExportRig.StartAsync();
        var footage = await Footage.LoadAsync();
        using var feed = new CameraFeed(rig.Recorder.Logs, "cam1", footage, ExportRig.Start, stream: "sub");
        await rig.Recorder.RecordAsync("cam1", segmentSeconds: 10, adjust: s => s.Stream = "sub");
        feed.Append(6 * Footage.FramesPerSecond);
        await Eventually.TrueAsync(() => rig.Recorder.Ledgers.Of("cam1", "sub").Written.LastSequence >= feed.Log.NextSequence - 1);
        await rig.Recorder.Recordings.StopAsync("cam1", "sub", 1000, CancellationToken.None);
        var done = await rig.ExportAsync(0, 6, "cam1");

        Assert.Equal((ExportStates.Done, ""), (done.State, done.Detail));
        var camera = Assert.Single(rig.ManifestOf(done).Cameras);
        Assert.Equal("sub", camera.Stream);
        Assert.Equal($"Gate-cam1_sub_{ExportRig.Time(0)}.mp4", Assert.Single(camera.Files).Name);
        await ArchiveJudge.AssertDecodesAsync(rig.PathOf(done, camera.Files[0].Name));
    }

    [Theory]
    [InlineData(CodecKind.H265, CodecKind.Aac)]
    [InlineData(CodecKind.H264, CodecKind.PcmA)]
    [InlineData(CodecKind.H264, CodecKind.Opus)]
    public async Task Other_codecs_and_sound_go_along_in_step(CodecKind video, CodecKind audio)
    {
        await using var rig = await ExportRig.StartAsync();
        var footage = await VideoFootage.LoadAsync(video == CodecKind.H265 ? FootageSpec.SmallH265 : FootageSpec.Small);
        using var feed = new TracksFeed(rig.Recorder.Logs, "cam1", footage, await AudioFootage.LoadAsync(audio), ExportRig.Start);
        await rig.Recorder.RecordAsync("cam1", segmentSeconds: 10);
        feed.Append(20 * 25);
        await Eventually.TrueAsync(() => rig.Recorder.Ledgers.Of("cam1", "main").Written.LastSequence >= feed.NextSequence - 26);
        await rig.Recorder.StopRecordingAsync("cam1");
        var done = await rig.ExportAsync(3.4, 17.4, "cam1");

        string path = rig.PathOf(done, Assert.Single(Assert.Single(rig.ManifestOf(done).Cameras).Files).Name);
        await ArchiveJudge.AssertDecodesAsync(path, audio == CodecKind.PcmA ? "error" : "warning");
        foreach (string stream in new[] { "v:0", "a:0" })
        {
            string said = await ChildProcess.RunAsync(
                "ffprobe", ["-v", "error", "-select_streams", stream, "-show_entries", "frame=pts_time", "-of", "csv=p=0", path]);
            double[] times = [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(t => double.Parse(t.TrimEnd(','), CultureInfo.InvariantCulture)).Where(t => t >= -0.001)];
            Assert.InRange(times[0], 0, 0.06);
            Assert.InRange(times[^1], 13.7, 14.6);
            Assert.Equal(times.Order().Distinct(), times);
        }
    }

    [Fact]
    public async Task A_damaged_second_is_left_out_and_named_and_the_rest_is_exported()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 20);
        string segment = rig.Recorder.Files("cam1")[0];
        byte[] bytes = await File.ReadAllBytesAsync(segment);
        bytes[bytes.AsSpan(bytes.Length / 2).IndexOf("mdat"u8) + (bytes.Length / 2) + 40] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes);
        var done = await rig.ExportAsync(0, 20, "cam1");

        Assert.Equal(ExportStates.Done, done.State);
        var camera = Assert.Single(rig.ManifestOf(done).Cameras);
        Assert.Equal(2, camera.Files.Count);
        var gap = Assert.Single(camera.Gaps);
        Assert.Equal("damaged", gap.Cause);
        Assert.InRange((gap.To - gap.From).TotalSeconds, 0.9, 1.1);
        foreach (var file in camera.Files) await ArchiveJudge.AssertDecodesAsync(rig.PathOf(done, file.Name));
    }

    [Fact]
    public async Task The_ZIP_has_everything_and_any_two_ranges_of_it_are_together_the_whole()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 12);
        var done = await rig.ExportAsync(0, 12, "cam1");
        using var http = rig.Http(out string ticket, TicketKind.Export, "cam1");
        string url = $"/api/exports/{done.Id}/export.zip?ticket={ticket}";
        byte[] zip = await http.GetByteArrayAsync(url);

        Assert.Equal(done.ZipBytes, zip.Length);
        using var archive = new ZipArchive(new MemoryStream(zip), ZipArchiveMode.Read);
        Assert.Equal(done.Files.Select(f => (f.Name, f.Bytes)), archive.Entries.Select(e => (e.FullName, e.Length)));
        foreach (var entry in archive.Entries)
        {
            using var content = new MemoryStream();
            await using (var stored = await entry.OpenAsync()) await stored.CopyToAsync(content);   // checks the CRC
            Assert.Equal(await File.ReadAllBytesAsync(rig.PathOf(done, entry.FullName)), content.ToArray());
        }

        Assert.Equal(done.Files.Select(f => f.Name), ZipReader.Read(new MemoryStream(zip)).Select(f => f.Name));
        var random = new Random(20261129);
        for (int i = 0; i < 10; i++)
        {
            int cut = random.Next(1, zip.Length);
            Assert.Equal(zip, (await RangeAsync(0, cut - 1)).Concat(await RangeAsync(cut, null)));
        }

        async Task<byte[]> RangeAsync(long from, long? to)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(from, to) } };
            using var response = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
            return await response.Content.ReadAsByteArrayAsync();
        }
    }

    [Fact]
    public async Task Only_a_ticket_for_all_of_its_cameras_opens_it_and_only_what_is_in_it()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 3);
        await rig.RecordAsync("cam2", 3);
        var done = await rig.ExportAsync(0, 3, "cam1", "cam2");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("manifest.json", TicketKind.Export, "cam1", "cam2"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("manifest.json", TicketKind.Export, "cam1"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("manifest.json", TicketKind.Playback, "cam1", "cam2"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("state.json", TicketKind.Export, "cam1", "cam2"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("..%2Fspec.json", TicketKind.Export, "cam1", "cam2"));

        async Task<HttpStatusCode> StatusAsync(string name, TicketKind kind, params string[] cameras)
        {
            using var http = rig.Http(out string ticket, kind, cameras);
            using var response = await http.GetAsync($"/api/exports/{done.Id}/files/{name}?ticket={ticket}");
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task A_ticket_for_the_asked_time_opens_it_also_where_that_has_microseconds()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 3);
        var done = await rig.ExportAsync(0, 3, "cam1");
        foreach (var (offset, expected) in new[] { (TimeSpan.FromMicroseconds(700), HttpStatusCode.OK), (TimeSpan.FromMilliseconds(1), HttpStatusCode.Forbidden) })
        {
            using var http = rig.Http(out string ticket, new Ticket(
                TicketKind.Export, "anna", ["cam1"], TimeProvider.System.GetUtcNow().AddHours(1), ExportRig.Start + offset, ExportRig.Start.AddSeconds(3) + offset));
            using var response = await http.GetAsync($"/api/exports/{done.Id}/files/manifest.json?ticket={ticket}");
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Fact]
    public async Task After_a_restart_finished_files_stay_and_half_ones_are_made_anew()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 5);
        await rig.RecordAsync("cam2", 5);
        var spec = rig.Spec(0, 5, "cam1", "cam2");
        var done = await rig.FinishAsync(spec);
        string first = rig.PathOf(done, done.Files[3].Name);
        string second = rig.PathOf(done, done.Files[4].Name);
        byte[] made = await File.ReadAllBytesAsync(second);
        var written = File.GetLastWriteTimeUtc(first);
        string folder = Path.GetDirectoryName(Path.GetDirectoryName(first))!;
        var state = ExportState.Read(await File.ReadAllBytesAsync(Path.Combine(folder, "state.json")));

        // As a kill in the middle of the second file leaves it.
        await rig.Recorder.StopAsync();
        await File.WriteAllBytesAsync(Path.Combine(folder, "state.json"), (state with { State = ExportStates.Running, Files = [state.Files[0]], Entries = [] }).ToBytes());
        File.Move(second, second + ".part");
        foreach (string name in new[] { "manifest.json", "manifest.sig", "verify.html" }) File.Delete(Path.Combine(folder, "files", name));
        await rig.Recorder.StartAsync();

        var again = await rig.FinishAsync(spec);
        Assert.Equal(ExportStates.Done, again.State);
        Assert.Equal(written, File.GetLastWriteTimeUtc(first));
        Assert.Equal(made, await File.ReadAllBytesAsync(second));
        Assert.Equal(done.Files.Skip(2), again.Files.Skip(2));
        Assert.DoesNotContain(Directory.GetFiles(Path.GetDirectoryName(first)!), f => f.EndsWith(".part", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deleting_one_that_waits_or_runs_ends_it_and_leaves_nothing_and_nothing_half_is_offered()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 20);
        var specs = Enumerable.Range(0, 4).Select(_ => rig.Spec(0, 20, "cam1")).ToList();
        foreach (var spec in specs) rig.Queue.Start(spec);
        bool IsFootageWanted() => rig.Recorder.Get<UnfinishedExports>().Want("cam1", ExportRig.Start, ExportRig.Start.AddSeconds(20));
        Assert.True(IsFootageWanted() || specs.TrueForAll(s => rig.Queue.Start(s).State == ExportStates.Done));
        using var http = rig.Http(out string ticket, TicketKind.Export, "cam1");
        foreach (var spec in specs)
        {
            if (rig.Queue.Start(spec).State != ExportStates.Done)
            {
                using var half = await http.GetAsync($"/api/exports/{spec.Id}/export.zip?ticket={ticket}");
                Assert.True(half.StatusCode == HttpStatusCode.NotFound || rig.Queue.Start(spec).State == ExportStates.Done);
            }

            await rig.Queue.DeleteAsync(spec.Id);
        }

        Assert.Empty(Directory.GetDirectories(rig.Folder.Root));
        Assert.False(IsFootageWanted());
        var next = await rig.ExportAsync(0, 5, "cam1");
        Assert.Equal(ExportStates.Done, next.State);
        await Eventually.TrueAsync(() => !IsFootageWanted());
    }

    [Fact]
    public async Task What_cannot_be_made_says_why_in_words()
    {
        await using var rig = await ExportRig.StartAsync("--VMS_EXPORT_BYTES=1500000");
        await rig.RecordAsync("cam1", 30);
        var nothing = await rig.ExportAsync(-600, -300, "cam1");
        Assert.Equal((ExportStates.Failed, "noRecording"), (nothing.State, nothing.Code));
        var large = await rig.ExportAsync(0, 30, "cam1");
        Assert.Equal((ExportStates.Failed, "noRoom"), (large.State, large.Code));
        Assert.Contains("VMS_EXPORT_BYTES", large.Detail, StringComparison.Ordinal);
        Assert.Empty(large.Files);
    }

    /// <summary>The page's own verifier, in a JavaScript engine, over whatever was done to the files.</summary>
    [Fact]
    public async Task The_page_finds_an_altered_byte_wherever_it_is_and_nothing_in_untouched_files()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 14);
        var done = await rig.ExportAsync(1, 12, "cam1");
        string said = await ChildProcess.RunAsync("node", [Path.Combine(TestPaths.Repository, "tests/Vms.Recorder.Tests/Exports/verify.cjs"), Path.GetDirectoryName(rig.PathOf(done, "x"))!]);
        Assert.Equal("ok", said.Trim());
    }
}
