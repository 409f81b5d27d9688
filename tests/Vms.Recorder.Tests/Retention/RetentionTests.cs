using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Retention;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Retention;

public sealed class RetentionTests
{
    [Fact]
    public async Task What_is_older_than_the_limit_goes_and_the_rest_stays()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var now = DateTimeOffset.UtcNow;
        await RecordAsync(rig, "cam1", now.AddDays(-3), maxAgeDays: 2);
        int before = rig.Files("cam1").Count;
        // What was captured three days ago was written just now: a camera with a wrong clock loses nothing at once.
        rig.Retention.Sweep();
        Assert.Equal(before, rig.Files("cam1").Count);

        foreach (string old in rig.Files("cam1").Take(2))
        {
            File.SetLastWriteTimeUtc(old, now.UtcDateTime.AddDays(-2.5));
        }

        var kept = rig.Files("cam1").Skip(2).ToList();
        rig.Retention.Sweep();
        Assert.Equal(kept, rig.Files("cam1"));
    }

    [Fact]
    public async Task What_an_export_has_yet_to_read_stays_until_the_export_is_over()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var now = DateTimeOffset.UtcNow;
        await RecordAsync(rig, "cam1", now.AddDays(-3), maxAgeDays: 2);
        var files = rig.Files("cam1").ToList();
        foreach (string file in files)
        {
            File.SetLastWriteTimeUtc(file, now.UtcDateTime.AddDays(-2.5));
        }

        var export = new ExportSpec { FromUnixMs = now.AddDays(-3).ToUnixTimeMilliseconds(), ToUnixMs = now.AddDays(-3).AddSeconds(60).ToUnixTimeMilliseconds() };
        export.Cameras.Add(new ExportCamera { Id = "cam1" });
        rig.Get<UnfinishedExports>().Replace([export]);
        rig.Retention.Sweep();
        Assert.Equal(files, rig.Files("cam1"));

        rig.Get<UnfinishedExports>().Replace([]);
        rig.Retention.Sweep();
        Assert.Empty(rig.Files("cam1"));
    }

    [Fact]
    public async Task A_camera_over_its_size_loses_its_oldest_and_no_other_camera_does()
    {
        await using var rig = await new RecorderRig().StartAsync();
        await RecordAsync(rig, "cam1", Rows.Start, maxBytes: 1_000_000_000);
        await RecordAsync(rig, "cam2", Rows.Start.AddDays(-1));
        var files = rig.Files("cam1");
        long keep = files.Skip(files.Count - 2).Sum(f => new FileInfo(f).Length);
        await rig.RecordAsync("cam1", maxBytes: keep + 1000);
        await rig.StopRecordingAsync("cam1");
        int others = rig.Files("cam2").Count;
        rig.Retention.Sweep();
        Assert.Equal(files.Skip(files.Count - 2), rig.Files("cam1"));
        Assert.Equal(others, rig.Files("cam2").Count);
    }

    [Fact]
    public async Task A_full_pool_loses_the_oldest_of_all_cameras_first_and_never_what_is_being_written()
    {
        var postgres = await PrivatePostgres.SharedAsync();
        string database = await postgres.CreateDatabaseAsync();
        using var data = new TestDirectory();
        long total;
        List<string> byAge;
        await using (var rig = await new RecorderRig(database, data.Path).StartAsync())
        {
            await RecordAsync(rig, "cam1", Rows.Start);
            await RecordAsync(rig, "cam2", Rows.Start.AddSeconds(3));
            byAge = [.. rig.Files("cam1").Concat(rig.Files("cam2")).OrderBy(f => Path.GetFileName(f)[..6]).ThenBy(f => f)];
            total = byAge.Sum(f => new FileInfo(f).Length);
        }

        long limit = total - byAge.Take(3).Sum(f => new FileInfo(f).Length) + 1;
        await using (var rig = await new RecorderRig(database, data.Path, $"--VMS_RECORDER_POOL_BYTES={limit}").StartAsync())
        {
            await Eventually.TrueAsync(() => !File.Exists(byAge[2]));
            Assert.All(byAge.Skip(3), f => Assert.True(File.Exists(f), f));
            await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available && rig.Get<IndexJournal>().Count == 0);
            var left = await rig.Index.FindAsync("cam1", "main", Rows.Start.AddDays(-1), Rows.Start.AddDays(1), CancellationToken.None);
            Assert.Equal(rig.Files("cam1"), left.Select(s => s.Path));
            await using var source = NpgsqlDataSource.Create(database);
            await using var command = source.CreateCommand("select count(*) from recorder.deletion where reason = 'headroom'");
            Assert.Equal(3L, await command.ExecuteScalarAsync());
        }
    }

    [Theory]
    [InlineData(100_000_000_000, 1_800_000_000)]    // an hour of 500 kB a second
    [InlineData(10_000_000_000, 1_000_000_000)]
    [InlineData(2_000_000_000, 200_000_000)]        // holds little more than an hour: nine tenths are still filled
    [InlineData(-5, 0)]
    public void Headroom_is_an_hour_of_video_and_at_most_a_tenth_of_the_pool(long capacity, long expected) =>
        Assert.Equal(expected, PoolSpace.HeadroomBytes(bytesPerSecond: 500_000, hours: 1, capacity));

    [Fact]
    public async Task A_deletion_that_was_journaled_before_a_crash_is_finished_at_the_next_start()
    {
        var postgres = await PrivatePostgres.SharedAsync();
        string database = await postgres.CreateDatabaseAsync();
        using var data = new TestDirectory();
        byte[] oldest;
        string path;
        await using (var rig = await new RecorderRig(database, data.Path).StartAsync())
        {
            await RecordAsync(rig, "cam1", Rows.Start);
            path = rig.Files("cam1")[0];
            oldest = await File.ReadAllBytesAsync(path);
            var done = rig.Retention.DeleteArchive("cam1", "somebody");
            Assert.True(done is { Segments: > 2, Bytes: > 0 });
            Assert.Empty(rig.Files("cam1"));
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, oldest);
        await using (var rig = await new RecorderRig(database, data.Path).StartAsync())
        {
            await Eventually.TrueAsync(() => !File.Exists(path));
        }
    }

    [Fact]
    public async Task A_deletion_that_fails_leaves_the_file_in_the_index_and_is_not_made_up_for_at_the_next_start()
    {
        string database = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        using var data = new TestDirectory();
        List<string> files;
        await using (var rig = await new RecorderRig(database, data.Path).StartAsync())
        {
            await RecordAsync(rig, "cam1", Rows.Start);
            await AppliedAsync(rig);
            files = [.. rig.Files("cam1")];
            rig.Retention.DeleteFile = _ => throw new IOException("the disk fails");
            Assert.Equal(new DeletedArchive(0, 0, files.Count, 0, 0), rig.Retention.DeleteArchive("cam1", "somebody"));
            Assert.Equal(files, await IndexedAsync(rig));
            await AppliedAsync(rig);
            Assert.Equal(files, await IndexedAsync(rig));
        }

        await using (var rig = await new RecorderRig(database, data.Path).StartAsync())
        {
            await AppliedAsync(rig);
            await rig.Get<IndexRebuild>().RunAsync(everyFile: false, CancellationToken.None);
            Assert.Equal(files, rig.Files("cam1"));
            Assert.Equal(files, await IndexedAsync(rig));
        }
    }

    [Fact]
    public async Task A_file_whose_deletion_was_decided_days_ago_is_in_the_index_again_and_not_deleted()
    {
        string database = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        await using var rig = await new RecorderRig(database).StartAsync();
        await RecordAsync(rig, "cam1", Rows.Start);
        await AppliedAsync(rig);
        var files = rig.Files("cam1").ToList();
        foreach (var row in await rig.Index.FindAsync("cam1", "main", Rows.Start, Rows.Start.AddSeconds(5), CancellationToken.None))
        {
            rig.Get<IndexJournal>().Append(new SegmentDeleted(Rows.Deleted(rig.Layout, row) with { At = DateTimeOffset.UtcNow.AddDays(-3) }));
        }

        await AppliedAsync(rig);
        Assert.Equal(files[1..], await IndexedAsync(rig));
        Assert.Equal(1, (await rig.Get<IndexRebuild>().RunAsync(everyFile: false, CancellationToken.None)).Added);
        Assert.Equal(files, rig.Files("cam1"));
        await AppliedAsync(rig);
        Assert.Equal(files, await IndexedAsync(rig));
    }

    [Fact]
    public async Task More_files_than_a_crash_can_have_interrupted_are_in_the_index_again_and_not_deleted()
    {
        string database = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        await using var rig = await new RecorderRig(database).StartAsync();
        await RecordAsync(rig, "cam1", Rows.Start);
        await AppliedAsync(rig);
        string recorded = rig.Files("cam1")[0];
        for (int i = 1; i <= 17; i++)
        {
            var row = Rows.Segment(rig.Layout, "cam2", i, closed: true, version: 3);
            Directory.CreateDirectory(Path.GetDirectoryName(row.Path)!);
            File.Copy(recorded, row.Path);
            rig.Get<IndexJournal>().Append(new SegmentDeleted(Rows.Deleted(rig.Layout, row) with { At = DateTimeOffset.UtcNow }));
        }

        await AppliedAsync(rig);
        Assert.Equal(17, (await rig.Get<IndexRebuild>().RunAsync(everyFile: false, CancellationToken.None)).Added);
        Assert.Equal(17, rig.Files("cam2").Count);
    }

    private static Task AppliedAsync(RecorderRig rig) =>
        Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available && rig.Get<IndexJournal>().Count == 0);

    private static async Task<IEnumerable<string>> IndexedAsync(RecorderRig rig) =>
        (await rig.Index.FindAsync("cam1", "main", Rows.Start.AddDays(-1), Rows.Start.AddDays(1), CancellationToken.None)).Select(s => s.Path);

    /// <summary>Records 45 s in segments of 10 s.</summary>
    private static async Task RecordAsync(RecorderRig rig, string cameraId, DateTimeOffset start, double maxAgeDays = 0, long maxBytes = 0)
    {
        using var feed = new CameraFeed(rig.Logs, cameraId, await Footage.LoadAsync(), start);
        await rig.RecordAsync(cameraId, segmentSeconds: 10, maxAgeDays, maxBytes);
        feed.Append(45 * Footage.FramesPerSecond);
        await rig.WrittenAsync(cameraId, feed);
        await rig.StopRecordingAsync(cameraId);
    }
}
