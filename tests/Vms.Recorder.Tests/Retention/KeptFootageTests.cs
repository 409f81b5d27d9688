using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Hosting.Events;
using Vms.Recorder.Archive;
using Vms.Recorder.Events;
using Vms.Recorder.Pools;
using Vms.Recorder.Retention;
using Vms.Recorder.Tests.Support;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Retention;

/// <summary>What is to be kept stays, whatever wants to delete it. Real recordings of 45 s in files of 15, 10, 10 and 10 s.</summary>
public sealed class KeptFootageTests
{
    private static readonly RpcCallOptions s_call = new(TimeSpan.FromSeconds(60));

    [Theory]
    [InlineData("hold")]
    [InlineData("clip")]
    public async Task What_is_held_outlives_its_age_its_size_and_the_deletion_of_its_camera(string kind)
    {
        await using var rig = await new RecorderRig().StartAsync();
        var files = await RecordAsync(rig, "cam1");
        Keep(rig, 2, Range(kind, 17, 19));
        foreach (string file in files)
        {
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);     // the capture time counts then: months ago
        }

        await rig.RecordAsync("cam1", maxAgeDays: 2, maxBytes: 1);
        await rig.StopRecordingAsync("cam1");
        rig.Retention.Sweep();
        Assert.Equal([files[1]], rig.Files("cam1"));

        var done = rig.Retention.DeleteArchive("cam1", "somebody");
        Assert.Equal(new DeletedArchive(0, 0, 0, 1, new FileInfo(files[1]).Length), done);
        Assert.Equal([files[1]], rig.Files("cam1"));

        Keep(rig, 3);
        Assert.Equal(1, rig.Retention.DeleteArchive("cam1", "somebody").Segments);
        Assert.Empty(rig.Files("cam1"));
    }

    [Fact]
    public async Task A_full_pool_keeps_what_is_held_and_says_how_much_that_is_when_it_has_to_stop()
    {
        using var data = new TestDirectory();
        IReadOnlyList<string> files;
        await using (var rig = await new RecorderRig(data: data.Path).StartAsync())
        {
            files = await RecordAsync(rig, "cam1");
            Keep(rig, 2, Range("hold", 0, 24), Range("clip", 31, 32));
        }

        // No room at all, and control is not there: the recorder knows by itself.
        await using (var rig = await new RecorderRig(null, data.Path, "--VMS_RECORDER_POOL_BYTES=1000").StartAsync())
        {
            await Eventually.TrueAsync(() => rig.Retention.Full);
            Assert.Equal(files.Take(3), rig.Files("cam1"));
            Assert.False(rig.Retention.MakeRoom(rig.Get<StoragePools>().Main, 1 << 20));
            Assert.Equal(files.Take(3), rig.Files("cam1"));

            var full = Events(rig).Single(e => e.Type == "storage.full");
            Assert.Equal(files.Take(2).Sum(f => new FileInfo(f).Length), full.Data["holdBytes"]);
            Assert.Equal(new FileInfo(files[2]).Length, full.Data["clipBytes"]);
        }
    }

    [Fact]
    public async Task A_bookmark_keeps_for_its_time_and_gives_way_to_a_full_disk_after_everything_else_and_an_alarm()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var files = await RecordAsync(rig, "cam1");
        foreach (string file in files)
        {
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        }

        var bookmark = Range("bookmark", 17, 19);
        bookmark.UntilUnixMs = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeMilliseconds();
        var over = Range("bookmark", 27, 29);
        over.UntilUnixMs = DateTimeOffset.UtcNow.AddDays(-1).ToUnixTimeMilliseconds();
        Keep(rig, 2, bookmark, over);
        await rig.RecordAsync("cam1", maxAgeDays: 2);
        await rig.StopRecordingAsync("cam1");
        rig.Retention.Sweep();
        Assert.Equal([files[1]], rig.Files("cam1"));

        Assert.True(rig.Retention.MakeRoom(rig.Get<StoragePools>().Main, 1));
        Assert.Empty(rig.Files("cam1"));
        Assert.Equal("diskFull", Events(rig).Single(e => e.Type == "retention.broken").Data["reason"]);
    }

    [Fact]
    public async Task A_minimum_that_cannot_be_kept_is_an_alarm_before_anything_younger_goes()
    {
        using var data = new TestDirectory();
        IReadOnlyList<string> files;
        await using (var rig = await new RecorderRig(data: data.Path).StartAsync())
        {
            files = await RecordAsync(rig, "cam1", minAgeDays: 7);
        }

        // Headroom is made of nothing that is younger than the minimum: the alarm comes while there is still room.
        long used = files.Sum(f => new FileInfo(f).Length);
        await using (var rig = await new RecorderRig(null, data.Path, $"--VMS_RECORDER_POOL_BYTES={used + 1}", "--VMS_RECORDER_MIN_FREE_BYTES=1").StartAsync())
        {
            rig.Retention.Sweep();
            Assert.Equal(files, rig.Files("cam1"));
        }

        // The last room: now the oldest goes, and the camera's alarm came first.
        await using (var rig = await new RecorderRig(null, data.Path, $"--VMS_RECORDER_POOL_BYTES={used}", "--VMS_RECORDER_MIN_FREE_BYTES=1").StartAsync())
        {
            await Eventually.TrueAsync(() => !File.Exists(files[0]));
            rig.Retention.Sweep();
            Assert.Equal(files.Skip(1), rig.Files("cam1"));
            var events = Events(rig);
            Assert.Single(events, e => e.Type == "retention.atRisk");
            var broken = Assert.Single(events, e => e.Type == "retention.broken");
            Assert.Equal("cam1", broken.CameraId);
            Assert.True(broken.At <= DateTimeOffset.UtcNow);
        }
    }

    [Fact]
    public async Task Without_a_list_that_can_be_read_nothing_is_deleted_until_it_is_sent_again()
    {
        using var data = new TestDirectory();
        IReadOnlyList<string> files;
        await using (var rig = await new RecorderRig(data: data.Path).StartAsync())
        {
            files = await RecordAsync(rig, "cam1");
        }

        string list = Path.Combine(data.Path, "recordings", ".index", "kept");
        byte[] bytes = await File.ReadAllBytesAsync(list);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(list, bytes);
        var kept = KeptFootage.Open(new ArchiveLayout(Path.Combine(data.Path, "recordings")), NullLogger.Instance);
        Assert.Null(kept.Applied);
        Assert.Equal(Protection.Unknown, kept.Of("cam1", Rows.Start, Rows.Start.AddDays(1), DateTimeOffset.UtcNow));

        Assert.True(kept.Apply(new KeptRanges { Generation = 7 }));
        Assert.Equal(Protection.None, kept.Of("cam1", Rows.Start, Rows.Start.AddDays(1), DateTimeOffset.UtcNow));
        Assert.Equal(7, KeptFootage.Open(new ArchiveLayout(Path.Combine(data.Path, "recordings")), NullLogger.Instance).Applied?.Generation);
        Assert.NotEmpty(files);
    }

    [Fact]
    public async Task A_list_that_cannot_be_written_holds_and_asks_to_be_sent_again()
    {
        using var directory = new TestDirectory();
        var layout = new ArchiveLayout(directory.Create("pool"));
        Directory.CreateDirectory(layout.IndexPath);
        var kept = KeptFootage.Open(layout, NullLogger.Instance);
        kept.Apply(new KeptRanges { Generation = 1, Ranges = { Range("clip", 0, 10) } });
        Directory.Delete(layout.IndexPath, recursive: true);
        Assert.ThrowsAny<IOException>(() => kept.Apply(new KeptRanges { Generation = 2, Ranges = { Range("hold", 100, 110) } }));
        Assert.Equal(1, kept.Applied?.Generation);
        Assert.Equal(Protection.Hold, kept.Of("cam1", Rows.Start.AddSeconds(100), Rows.Start.AddSeconds(101), DateTimeOffset.UtcNow));
        Assert.Equal(Protection.Clip, kept.Of("cam1", Rows.Start, Rows.Start.AddSeconds(1), DateTimeOffset.UtcNow));

        Directory.CreateDirectory(layout.IndexPath);
        Assert.True(kept.Apply(new KeptRanges { Generation = 2, Ranges = { Range("hold", 100, 110) } }));
        Assert.Equal(Protection.None, kept.Of("cam1", Rows.Start, Rows.Start.AddSeconds(1), DateTimeOffset.UtcNow));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task The_journal_says_which_rule_deleted_and_who_and_a_range_says_what_of_it_was_gone_before()
    {
        string database = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        await using var rig = await new RecorderRig(database).StartAsync();
        await RecordAsync(rig, "cam1");
        await AppliedAsync(rig);
        Keep(rig, 2, Range("hold", 20, 60));
        rig.Retention.DeleteArchive("cam1", "maria");
        await AppliedAsync(rig);

        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select distinct rule || '/' || deleted_by from recorder.deletion where reason = 'requested'");
        Assert.Equal("the camera was deleted with its recordings/maria", await command.ExecuteScalarAsync());

        using var channel = new RpcChannel(new Uri($"unix://{Path.Combine(rig.Run, "planes", "recorder.rpc.sock")}"));
        var measured = await channel.UnaryAsync(
            "vms.recorder.v1.RecorderPlane/MeasureRanges",
            new MeasureRangesRequest { Ranges = { Range("hold", 10, 40), Range("hold", 20, 40), Range("hold", 1000, 1010) } },
            MeasureRangesReply.Parser,
            s_call,
            CancellationToken.None);
        Assert.Equal(
            [(25, 5), (20, 0), (0, 0)],
            measured.Measures.Select(m => ((int)Math.Round(m.RecordedMs / 1000.0), (int)Math.Round(m.DeletedMs / 1000.0))));
    }

    [Theory]
    [InlineData("hold", "../etc", 0, 10)]
    [InlineData("wish", "cam1", 0, 10)]
    [InlineData("hold", "cam1", 10, 10)]
    public async Task A_list_with_nonsense_is_refused_as_a_whole(string kind, string camera, int from, int to)
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var channel = new RpcChannel(new Uri($"unix://{Path.Combine(rig.Run, "planes", "recorder.rpc.sock")}"));
        var range = Range(kind, from, to);
        range.CameraId = camera;
        var refused = await Assert.ThrowsAsync<RpcException>(() => KeepAsync(2, Range("hold", 0, 1), range));
        Assert.Equal(RpcStatus.InvalidArgument, refused.Status);
        Assert.Equal(1, rig.Get<KeptFootage>().Applied?.Generation);

        await KeepAsync(5);
        await KeepAsync(5);
        Assert.Equal(RpcStatus.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(() => KeepAsync(4))).Status);

        Task<KeepRangesReply> KeepAsync(long generation, params KeptRange[] ranges) => channel.UnaryAsync(
            "vms.recorder.v1.RecorderPlane/KeepRanges",
            new KeptRanges { Generation = generation, Ranges = { ranges } },
            KeepRangesReply.Parser,
            s_call,
            CancellationToken.None);
    }

    private static void Keep(RecorderRig rig, long generation, params KeptRange[] ranges) =>
        Assert.True(rig.Get<KeptFootage>().Apply(new KeptRanges { Generation = generation, Ranges = { ranges } }));

    /// <summary>Seconds of the recording.</summary>
    private static KeptRange Range(string kind, int from, int to) => new()
    {
        Id = $"{kind}-{from}",
        CameraId = "cam1",
        Kind = kind,
        FromUnixMs = Rows.Start.AddSeconds(from).ToUnixTimeMilliseconds(),
        ToUnixMs = Rows.Start.AddSeconds(to).ToUnixTimeMilliseconds(),
    };

    private static List<RecorderEvent> Events(RecorderRig rig) => ToldEvents.Take(rig.Get<EventOutbox>());

    private static Task AppliedAsync(RecorderRig rig) =>
        Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available && rig.Get<IndexJournal>().Count == 0);

    private static async Task<IReadOnlyList<string>> RecordAsync(RecorderRig rig, string cameraId, double minAgeDays = 0)
    {
        using var feed = new CameraFeed(rig.Logs, cameraId, await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync(cameraId, segmentSeconds: 10, minAgeDays: minAgeDays);
        feed.Append(45 * Footage.FramesPerSecond);
        await rig.WrittenAsync(cameraId, feed);
        await rig.StopRecordingAsync(cameraId);
        return rig.Files(cameraId);
    }
}
