using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Pools;
using Vms.Recorder.Tests.Support;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Archive;

/// <summary>Check and rebuild as `vms index` asks for them: over the recorder's local socket.</summary>
public sealed class IndexCheckTests
{
    private static readonly RpcCallOptions s_call = new(TimeSpan.FromSeconds(60));

    [Theory, InlineData("presence"), InlineData("size"), InlineData("hash")]
    public async Task An_archive_that_is_being_written_to_is_clean(string level)
    {
        await using var rig = await new RecorderRig(await DatabaseAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 10);
        feed.Append(45 * Footage.FramesPerSecond);
        await rig.WrittenAsync("cam1", feed);
        await AvailableAsync(rig);

        var (findings, summary) = await CheckAsync(rig, level);
        Assert.Empty(findings);
        Assert.Equal(rig.Files("cam1").Count - 1, summary.Segments);      // the one being written is left out
        Assert.Equal(summary.Segments, summary.Files);
        Assert.Equal(level == "hash", summary.Fragments > 10 * summary.Segments);
    }

    [Fact]
    public async Task Each_level_finds_what_the_one_before_it_cannot()
    {
        await using var rig = await RecordedAsync("cam1");
        var files = rig.Files("cam1");
        File.Delete(files[0]);
        File.Copy(files[1], NewName(files[1]));
        using (var file = File.Open(files[1], FileMode.Open))
        {
            file.SetLength(file.Length - 1);
        }

        FlipLast(files[2]);
        string nobodys = Path.Combine(Path.GetDirectoryName(files[2])!, "notes.txt");
        await File.WriteAllTextAsync(nobodys, "not ours");

        Assert.Equal([("missing", files[0]), ("notIndexed", NewName(files[1]))], await ProblemsAsync(rig, "presence"));
        Assert.Equal([("missing", files[0]), ("tooShort", files[1]), ("notIndexed", NewName(files[1]))], await ProblemsAsync(rig, "size"));
        Assert.Equal(
            [("missing", files[0]), ("tooShort", files[1]), ("damaged", files[2]), ("notIndexed", NewName(files[1]))],
            await ProblemsAsync(rig, "hash"));
        Assert.Empty((await CheckAsync(rig, "hash", camera: "cam2")).Findings);
    }

    [Fact]
    public async Task A_rebuild_leaves_nothing_to_find()
    {
        await using var rig = await RecordedAsync("cam1");
        var files = rig.Files("cam1");
        File.Delete(files[0]);
        using (var file = File.Open(files[1], FileMode.Open))
        {
            file.SetLength(file.Length / 2);
        }

        Assert.Equal(2, (await CheckAsync(rig, "hash")).Findings.Count);
        var done = await RebuildAsync(rig, everyFile: false);
        Assert.Equal((0, 1, 1, 0), (done.Added, done.Corrected, done.Removed, done.Unreadable));
        await Eventually.TrueAsync(async () => (await CheckAsync(rig, "hash")).Findings.Count == 0);      // what the cut file lost is confirmed first
        await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
        Assert.Empty((await CheckAsync(rig, "hash")).Findings);
        Assert.Equal(0, (await RebuildAsync(rig, everyFile: true)).Corrected);
    }

    [Fact]
    public async Task A_fragment_table_that_is_wrong_is_put_right_when_every_file_is_read()
    {
        string database = await DatabaseAsync();
        await using var rig = await RecordedAsync("cam1", database);
        await using (var source = NpgsqlDataSource.Create(database))
        await using (var command = source.CreateCommand("update recorder.segment_gops set gops = '\\x01'"))
        {
            await command.ExecuteNonQueryAsync();
        }

        int files = rig.Files("cam1").Count;
        Assert.Equal(files, (await CheckAsync(rig, "hash")).Findings.Count(f => f.Problem == "table"));
        Assert.Equal(0, (await RebuildAsync(rig, everyFile: false)).Corrected);
        Assert.Equal(files, (await RebuildAsync(rig, everyFile: true)).Corrected);
        await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
        Assert.Empty((await CheckAsync(rig, "hash")).Findings);
    }

    [Fact]
    public async Task What_a_check_finds_damaged_is_a_gap_and_the_next_check_finds_nothing()
    {
        await using var rig = await RecordedAsync("cam1");
        var files = rig.Files("cam1");
        FlipLast(files[1]);
        Assert.Single((await CheckAsync(rig, "hash")).Findings);
        await Eventually.TrueAsync(async () => (await CheckAsync(rig, "hash")).Findings.Count == 0);
        var gap = Assert.Single(await rig.Index.GapsAsync("cam1", "main", Rows.Start, Rows.Start.AddMinutes(1), CancellationToken.None));
        Assert.Equal("damaged", GapRow.NameOf(gap.Cause));
        Assert.Equal(1, (gap.To - gap.From).TotalSeconds, 0.1);

        // A comparison with the files, which reads headers alone, does not bring it back.
        await RebuildAsync(rig, everyFile: true);
        Assert.Empty((await CheckAsync(rig, "hash")).Findings);
    }

    [Fact]
    public async Task A_file_that_was_gone_and_is_back_is_no_gap_any_more()
    {
        await using var rig = await RecordedAsync("cam1");
        var files = rig.Files("cam1");
        string away = Path.Combine(rig.Data, "away.mp4");
        File.Move(files[1], away);
        rig.Get<SegmentDamage>().Report(files[1]);
        await Eventually.TrueAsync(async () => (await GapsAsync()).Count == 1);
        Assert.Equal(files.Count - 1, (await CheckAsync(rig, "hash")).Summary.Segments);

        File.Move(away, files[1]);
        Assert.Equal(1, (await RebuildAsync(rig, everyFile: false)).Added);
        Assert.Empty(await GapsAsync());
        await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
        Assert.Empty(await GapsAsync());
        var (findings, summary) = await CheckAsync(rig, "hash");
        Assert.Empty(findings);
        Assert.Equal(files.Count, summary.Segments);

        ValueTask<IReadOnlyList<GapRow>> GapsAsync() => rig.Index.GapsAsync("cam1", "main", Rows.Start, Rows.Start.AddMinutes(1), CancellationToken.None);
    }

    [Fact]
    public async Task A_damaged_file_that_is_whole_again_has_no_gap_and_plays_to_its_end()
    {
        await using var rig = await RecordedAsync("cam1");
        var files = rig.Files("cam1");
        byte[] whole = await File.ReadAllBytesAsync(files[1]);
        double end = To(await SegmentsAsync(rig), files[1]);
        FlipLast(files[1]);
        rig.Get<SegmentDamage>().Report(files[1]);
        await Eventually.TrueAsync(async () => (await GapsAsync(rig)).Count == 1);
        Assert.Equal(end - 1, To(await SegmentsAsync(rig), files[1]), 0.1);        // what is lost at the end is the gap's
        await AvailableAsync(rig);

        await File.WriteAllBytesAsync(files[1], whole);
        Assert.Equal(1, (await RebuildAsync(rig, everyFile: true)).Corrected);
        Assert.Empty(await GapsAsync(rig));
        await AvailableAsync(rig);
        Assert.Empty(await GapsAsync(rig));
        Assert.Equal(end, To(await SegmentsAsync(rig), files[1]));
        Assert.Empty((await CheckAsync(rig, "hash")).Findings);

        static double To(IReadOnlyList<SegmentRow> rows, string path) => (rows.Single(r => r.Path == path).To - Rows.Start).TotalSeconds;
    }

    [Fact]
    public async Task A_file_that_comes_back_damaged_keeps_the_gap_that_is_still_true()
    {
        await using var rig = await RecordedAsync("cam1");
        var files = rig.Files("cam1");
        string away = Path.Combine(rig.Data, "away.mp4");
        File.Move(files[1], away);
        await RebuildAsync(rig, everyFile: false);
        Assert.Equal(10, Seconds(Assert.Single(await GapsAsync(rig))), 0.1);       // a comparison does not drop a row without saying so
        await AvailableAsync(rig);

        FlipLast(away);
        File.Move(away, files[1]);
        Assert.Equal(1, (await RebuildAsync(rig, everyFile: false)).Added);
        await AvailableAsync(rig);
        Assert.Equal(1, Seconds(Assert.Single(await GapsAsync(rig))), 0.1);
        Assert.Empty((await CheckAsync(rig, "hash")).Findings);
    }

    [Fact]
    public async Task A_file_cut_short_is_a_gap_from_there()
    {
        await using var rig = await RecordedAsync("cam1");
        string path = rig.Files("cam1")[1];
        var end = (await SegmentsAsync(rig)).Single(r => r.Path == path).To;
        using (var file = File.Open(path, FileMode.Open))
        {
            file.SetLength(file.Length / 2);
        }

        await RebuildAsync(rig, everyFile: false);
        await Eventually.TrueAsync(async () => (await GapsAsync(rig)).Count == 1);
        var row = (await SegmentsAsync(rig)).Single(r => r.Path == path);
        var gap = Assert.Single(await GapsAsync(rig));
        Assert.Equal(gap.From, row.To);
        Assert.Equal(end, gap.To);
    }

    [Fact]
    public async Task What_is_wrong_for_a_moment_only_is_no_damage()
    {
        await using var rig = await RecordedAsync("cam1");
        var files = rig.Files("cam1");
        byte[] whole = await File.ReadAllBytesAsync(files[1]);
        var damage = rig.Get<SegmentDamage>();
        damage.ConfirmAfter = TimeSpan.FromSeconds(2);
        FlipLast(files[1]);
        Assert.True(damage.Report(files[1]));
        Assert.True(damage.Report(files[1]));
        Assert.Equal(1, damage.Waiting);
        await Eventually.TrueAsync(() => damage.SeenOnce == 1);
        await File.WriteAllBytesAsync(files[1], whole);
        await Eventually.TrueAsync(() => damage.Waiting == 0);
        Assert.Empty(await GapsAsync(rig));
        Assert.False(damage.Report(files[1]));      // looked at a moment ago, and good
    }

    [Fact]
    public async Task What_cannot_be_read_is_not_lost()
    {
        await using var rig = await RecordedAsync("cam1");
        string path = rig.Files("cam1")[1];
        string away = Path.Combine(rig.Data, "away.mp4");
        File.Move(path, away);
        Directory.CreateDirectory(path);        // opening it fails, and not because it is not there
        var damage = rig.Get<SegmentDamage>();
        damage.Report(path);
        await Eventually.TrueAsync(() => damage.Waiting == 0);
        Directory.Delete(path);
        File.Move(away, path);
        Assert.Empty(await GapsAsync(rig));
        Assert.Empty((await CheckAsync(rig, "hash")).Findings);
    }

    [Fact]
    public async Task Nothing_is_missing_while_the_pool_is_not_the_one_it_was()
    {
        await using var rig = await RecordedAsync("cam1");
        string marker = Path.Combine(rig.Layout.IndexPath, "pool");
        string id = await File.ReadAllTextAsync(marker);
        var damage = rig.Get<SegmentDamage>();
        string gone = rig.Files("cam1")[1];
        File.Delete(gone);
        foreach (string? other in new[] { null, Guid.NewGuid().ToString("N") })
        {
            File.Delete(marker);
            if (other is not null)
            {
                await File.WriteAllTextAsync(marker, other);
            }

            damage.Report(gone);
            await Eventually.TrueAsync(() => damage.Waiting == 0);
            Assert.Equal(0, (await RebuildAsync(rig, everyFile: false)).Removed);
            Assert.Empty(await GapsAsync(rig));
        }

        await File.WriteAllTextAsync(marker, id + "\n");       // as an editor leaves it
        await Eventually.TrueAsync(() => rig.Get<StoragePools>().Main.IsThere);
        await RebuildAsync(rig, everyFile: false);      // or the comparison that the pool's return brought about was first
        Assert.Single(await GapsAsync(rig));
    }

    [Theory, InlineData(10, 10, false), InlineData(11, 22, false), InlineData(12, 22, true)]
    public void More_than_half_of_many_files_is_rather_the_disk(int missing, int all, bool tooMuch) =>
        Assert.Equal(tooMuch, SegmentDamage.IsTooMuch(missing, all));

    [Fact]
    public async Task What_the_journal_lost_comes_back_from_the_files()
    {
        string database = await DatabaseAsync();
        await using var rig = await RecordedAsync("cam1", database);
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            """
            delete from recorder.segment where id = (select min(id::text)::uuid from recorder.segment);
            alter table recorder.segment add check (camera_id <> 'cam2');
            """);
        await command.ExecuteNonQueryAsync();
        Assert.Single((await CheckAsync(rig, "presence")).Findings);

        rig.Get<IndexJournal>().Append(new SegmentPut(Rows.Segment(rig.Layout, "cam2", 1, closed: true, version: 3)));
        await Eventually.TrueAsync(async () => (await CheckAsync(rig, "presence")).Findings.Count == 0);
    }

    [Fact]
    public async Task A_comparison_that_the_disk_interrupted_is_made_up_for_when_it_is_back()
    {
        string database = await DatabaseAsync();
        await using var rig = await RecordedAsync("cam1", database);
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            """
            delete from recorder.segment where id = (select min(id::text)::uuid from recorder.segment);
            alter table recorder.segment add check (camera_id <> 'cam2');
            """);
        await command.ExecuteNonQueryAsync();

        string away = rig.Layout.Root + ".away";
        Directory.Move(rig.Layout.Root, away);
        rig.Get<IndexJournal>().Append(new SegmentPut(Rows.Segment(rig.Layout, "cam2", 1, closed: false, version: 2)));
        await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);       // refused: a comparison is wanted
        Directory.Move(away, rig.Layout.Root);
        await Eventually.TrueAsync(async () => (await CheckAsync(rig, "presence")).Findings.Count == 0);
    }

    [Fact]
    public async Task Without_the_database_it_is_said_that_nothing_could_be_checked()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var check = await Assert.ThrowsAsync<RpcException>(() => CheckAsync(rig, "size"));
        Assert.Equal(RpcStatus.Unavailable, check.Status);
        var rebuild = await Assert.ThrowsAsync<RpcException>(() => RebuildAsync(rig, everyFile: false));
        Assert.Equal(RpcStatus.Unavailable, rebuild.Status);
    }

    [Theory, InlineData("thorough", ""), InlineData("", ""), InlineData("size", "../etc")]
    public async Task What_makes_no_sense_is_an_invalid_argument(string level, string camera)
    {
        await using var rig = await new RecorderRig().StartAsync();
        Assert.Equal(RpcStatus.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => CheckAsync(rig, level, camera))).Status);
    }

    /// <summary>45 s in segments of 10 s, all of them closed and in the database.</summary>
    private static async Task<RecorderRig> RecordedAsync(string cameraId, string? database = null)
    {
        var rig = await new RecorderRig(database ?? await DatabaseAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, cameraId, await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync(cameraId, segmentSeconds: 10);
        feed.Append(45 * Footage.FramesPerSecond);
        await rig.WrittenAsync(cameraId, feed);
        await rig.StopRecordingAsync(cameraId);
        await AvailableAsync(rig);
        return rig;
    }

    private static ValueTask<IReadOnlyList<GapRow>> GapsAsync(RecorderRig rig) =>
        rig.Index.GapsAsync("cam1", "main", Rows.Start, Rows.Start.AddMinutes(1), CancellationToken.None);

    private static ValueTask<IReadOnlyList<SegmentRow>> SegmentsAsync(RecorderRig rig) =>
        rig.Index.FindAsync("cam1", "main", Rows.Start, Rows.Start.AddMinutes(1), CancellationToken.None);

    private static double Seconds(GapRow gap) => (gap.To - gap.From).TotalSeconds;

    private static async Task<string> DatabaseAsync() => await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();

    private static Task AvailableAsync(RecorderRig rig) =>
        Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available && rig.Get<IndexJournal>().Count == 0);

    private static string NewName(string path) => path[..^8] + "beef.mp4";

    private static void FlipLast(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static async Task<List<(string Problem, string Path)>> ProblemsAsync(RecorderRig rig, string level) =>
        [.. (await CheckAsync(rig, level)).Findings.Select(f => (f.Problem, rig.Layout.Absolute(f.Path)))];

    private static async Task<(List<Vms.Contracts.Recorder.IndexFinding> Findings, IndexCheckSummary Summary)> CheckAsync(
        RecorderRig rig, string level, string camera = "")
    {
        using var channel = ChannelTo(rig);
        var findings = new List<Vms.Contracts.Recorder.IndexFinding>();
        IndexCheckSummary? summary = null;
        var request = new CheckIndexRequest { Level = level, CameraId = camera };
        await foreach (var report in channel.ServerStreamingAsync(Method("CheckIndex"), request, IndexCheckReport.Parser, s_call, CancellationToken.None))
        {
            Assert.Null(summary);
            summary = report.Summary;
            if (report.Finding is { } finding)
            {
                findings.Add(finding);
            }
        }

        Assert.Equal(findings.Count, summary!.Findings);
        return (findings, summary);
    }

    private static async Task<RebuildIndexReply> RebuildAsync(RecorderRig rig, bool everyFile)
    {
        using var channel = ChannelTo(rig);
        return await channel.UnaryAsync(
            Method("RebuildIndex"), new RebuildIndexRequest { EveryFile = everyFile }, RebuildIndexReply.Parser, s_call, CancellationToken.None);
    }

    private static RpcChannel ChannelTo(RecorderRig rig) => new(new Uri($"unix://{Path.Combine(rig.Run, "planes", "recorder.rpc.sock")}"));

    private static string Method(string name) => "vms.recorder.v1.RecorderPlane/" + name;
}
