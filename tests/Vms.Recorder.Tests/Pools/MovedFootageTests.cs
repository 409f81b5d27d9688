using System.Text.Json;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Pools;
using Vms.Recorder.Tests.Support;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Pools;

/// <summary>Recordings that somebody has moved from one pool to another.</summary>
public sealed class MovedFootageTests : IDisposable
{
    private const string Service = "vms.recorder.v1.RecorderPlane";

    private readonly TestDirectory _directory = new();
    private readonly string _data;
    private readonly string _archive;

    public MovedFootageTests()
    {
        _data = _directory.Create("data");
        _archive = _directory.Create("archive");
        Configure(new { name = "main" }, new { name = "archive", path = _archive, role = "archive" });
    }

    private string Main => Path.Combine(_data, "recordings");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Recordings_go_to_the_other_pool_with_what_stands_beside_them_and_back_and_play_as_before()
    {
        await using var rig = await StartAsync();
        using var feed = await RecordedAsync(rig, "cam1", seconds: 32);
        var before = Files(rig);
        byte[] first = ArchiveJudge.ReadShared(before[0]);
        await File.WriteAllBytesAsync(Path.ChangeExtension(before[0], ".previews"), [1, 2, 3]);
        await File.WriteAllBytesAsync(Path.ChangeExtension(before[0], ".motion"), [4, 5]);

        var told = await MoveAsync(rig, "main", "archive");

        Assert.Equal((before.Count, 0, 0), (told[^1].Segments, told[^1].LeftSegments, told[^1].StuckSegments));
        Assert.Equal(told[0].LeftBytes, told[^1].Bytes);
        Assert.Equal(Enumerable.Range(0, before.Count + 1), told.Select(t => (int)t.Segments));
        var after = Files(rig);
        Assert.Equal(before.Select(f => f.Replace(Main, _archive, StringComparison.Ordinal)), after);
        Assert.Equal(first, ArchiveJudge.ReadShared(after[0]));
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Path.ChangeExtension(after[0], ".previews")));
        Assert.Equal([4, 5], await File.ReadAllBytesAsync(Path.ChangeExtension(after[0], ".motion")));
        await AssertWholeAsync(rig, feed);

        await MoveAsync(rig, "archive", "main");
        Assert.Equal(before, Files(rig));
        await AssertWholeAsync(rig, feed);

        // A restart goes on with the chain.
        await rig.StopAsync();
        await rig.StartAsync();
        await rig.RecordAsync("cam1");
        await AppendAsync(rig, feed, seconds: 12);
        await rig.StopRecordingAsync("cam1");
        await AssertWholeAsync(rig, feed);
        Assert.Equal(default, await rig.Get<IndexRebuild>().RunAsync(everyFile: true, CancellationToken.None));
    }

    [Fact]
    public async Task Only_one_cameras_recordings_of_a_time_go_and_asking_again_moves_nothing()
    {
        await using var rig = await StartAsync();
        using var feed = await RecordedAsync(rig, "cam1", seconds: 32);
        using var other = await RecordedAsync(rig, "cam2", seconds: 12);
        await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
        var rows = await rig.Index.FindAsync("cam1", "main", Rows.Start, feed.Now, CancellationToken.None);
        var (from, to) = (rows[1].From.AddSeconds(1), rows[2].From.AddSeconds(1));

        var told = await MoveAsync(rig, "main", "archive", "cam1", from, to);

        Assert.Equal(2, told[^1].Segments);
        string[] pools = [.. Files(rig).Select(f => f.StartsWith(_archive, StringComparison.Ordinal) ? "archive" : "main")];
        Assert.Equal(["main", "archive", "archive"], pools[..3]);
        Assert.All(pools[3..], p => Assert.Equal("main", p));
        Assert.All(Files(rig, "cam2"), f => Assert.StartsWith(Main, f, StringComparison.Ordinal));
        await AssertWholeAsync(rig, feed);
        Assert.Equal(0, Assert.Single(await MoveAsync(rig, "main", "archive", "cam1", from, to)).LeftSegments);
    }

    [Fact]
    public async Task What_may_not_be_moved_is_refused_with_the_reason_and_nothing_changes()
    {
        Configure(
            new { name = "main" },
            new { name = "archive", path = _archive, role = "archive" },
            new { name = "small", path = _directory.Create("small"), role = "archive", maxBytes = 1000 },
            new { name = "young", path = _directory.Create("young"), role = "archive", maxDays = 1 });
        await using (var rig = await StartAsync())
        {
            using var feed = await RecordedAsync(rig, "cam1", seconds: 12);
            await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
            var before = Files(rig);
            Assert.StartsWith("samePool: ", await RefusalAsync(rig, "main", "main"), StringComparison.Ordinal);
            Assert.Equal("unknownPool: There is no pool of that name; there are main, archive, small, young.", await RefusalAsync(rig, "main", "tape"));
            Assert.StartsWith("poolFull: Pool small has room for 0 MB", await RefusalAsync(rig, "main", "small"), StringComparison.Ordinal);
            Assert.StartsWith("tooOld: Pool young keeps recordings for 1 days", await RefusalAsync(rig, "main", "young"), StringComparison.Ordinal);

            var pool = rig.Get<StoragePools>().All.Single(p => p.Name == "archive");
            string marker = Path.Combine(_archive, ".index", "pool");
            string id = await File.ReadAllTextAsync(marker);
            File.Delete(marker);
            await Eventually.TrueAsync(() => pool.State.State == PoolState.Away);
            Assert.StartsWith("poolAway: Pool archive is away", await RefusalAsync(rig, "main", "archive"), StringComparison.Ordinal);
            Assert.StartsWith("poolAway: Pool archive is away", await RefusalAsync(rig, "archive", "main"), StringComparison.Ordinal);
            Assert.Equal(before, Files(rig));

            await File.WriteAllTextAsync(marker, id);
            await Eventually.TrueAsync(() => pool.State.State == PoolState.Ready);
            await MoveAsync(rig, "main", "archive");
        }

        Configure(new { name = "main", moveAfterHours = 24 }, new { name = "archive", path = _archive, role = "archive" });
        await using var second = await StartAsync();
        Assert.StartsWith("movesOn: From pool main recordings are moved to an archive pool after 24 hours", await RefusalAsync(second, "archive", "main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_move_that_is_cancelled_leaves_one_file_of_each_and_the_next_one_goes_on()
    {
        await using var rig = await StartAsync();
        using var feed = await RecordedAsync(rig, "cam1", seconds: 32);
        var (noted, behind) = (0, false);
        using var cancel = new CancellationTokenSource();
        var mover = rig.Get<SegmentMover>();
        mover.IsDiskBehind = () => Volatile.Read(ref behind);
        mover.Reached = step =>
        {
            if (step == MoveStep.Noted && ++noted == 2)
            {
                Volatile.Write(ref behind, true);       // the second copy gives way until the recorder has heard of the end
                cancel.Cancel();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => MoveAsync(rig, "main", "archive", cancellation: cancel.Token));
        await Eventually.TrueAsync(() => !File.Exists(Path.Combine(Main, ".index", "moving")));
        mover.Reached = static _ => { };
        behind = false;

        Assert.Single(Files(rig), f => f.StartsWith(_archive, StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(_archive, "*.moving", SearchOption.AllDirectories));
        await AssertWholeAsync(rig, feed);

        await Eventually.TrueAsync(async () => await MovesAsync(rig));      // the place of the one before is free in a moment
        Assert.All(Files(rig), f => Assert.StartsWith(_archive, f, StringComparison.Ordinal));
        await AssertWholeAsync(rig, feed);
    }

    [Fact]
    public async Task A_segment_that_is_damaged_stays_and_is_named_and_the_others_go()
    {
        await using var rig = await StartAsync();
        using var feed = await RecordedAsync(rig, "cam1", seconds: 25);
        string file = Files(rig)[0];
        byte[] bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);

        var told = await MoveAsync(rig, "main", "archive");

        Assert.Equal(1, told[^1].StuckSegments);
        var stuck = Assert.Single(told[^1].Stuck);
        Assert.Equal(("cam1", "damaged"), (stuck.CameraId, stuck.Reason));
        Assert.Equal(file, Files(rig)[0]);
        Assert.All(Files(rig).Skip(1), f => Assert.StartsWith(_archive, f, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kill_dash_9_of_the_recorder_while_it_moves_loses_nothing_and_doubles_nothing()
    {
        string postgres = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        string run = _directory.Create("run");
        await using var rig = await StartAsync(postgres);
        using var feed = await RecordedAsync(rig, "cam1", seconds: 60, segmentSeconds: 2);
        int count = Files(rig).Count;
        await rig.StopAsync();

        await using (var recorder = new RecorderProcess(_data, run, postgres))
        {
            for (int kill = 0, killAfter = 3; killAfter > 0; kill++)
            {
                Assert.True(kill < count, "it does not come to an end");
                await recorder.StartAsync();
                using var channel = new RpcChannel(new Uri($"unix://{Path.Combine(run, "planes", "recorder.rpc.sock")}"));
                killAfter = await MoveUntilAsync(channel, segments: killAfter) ? 0 : 3 + (kill % 3);
                await recorder.KillAsync();
            }
        }

        await rig.StartAsync();
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available);
        Assert.Equal(count, Files(rig).Count);
        Assert.All(Files(rig), f => Assert.StartsWith(_archive, f, StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(_archive, "*.moving", SearchOption.AllDirectories));
        await AssertWholeAsync(rig, feed);
        Assert.Equal(default, await rig.Get<IndexRebuild>().RunAsync(everyFile: true, CancellationToken.None));
    }

    /// <returns>Whether it came to its end before so many segments were moved; it goes on behind them while the caller kills.</returns>
    private static async Task<bool> MoveUntilAsync(RpcChannel channel, int segments)
    {
        await foreach (var told in channel.ServerStreamingAsync(
            $"{Service}/MoveFootage", Request("main", "archive"), MoveFootageProgress.Parser, Timeout.InfiniteTimeSpan, CancellationToken.None))
        {
            Assert.Equal(0, told.StuckSegments);
            if (told.Segments == segments)
            {
                return told.LeftSegments == 0;
            }
        }

        return true;
    }

    private void Configure(params object[] pools) => File.WriteAllText(Path.Combine(_data, "storage.json"), JsonSerializer.Serialize(new { pools }));

    private async Task<RecorderRig> StartAsync(string? postgres = null)
    {
        var rig = await new RecorderRig(postgres ?? await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync(), _data).StartAsync();
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available);
        return rig;
    }

    private static async Task<CameraFeed> RecordedAsync(RecorderRig rig, string camera, int seconds, int segmentSeconds = 10)
    {
        var feed = new CameraFeed(rig.Logs, camera, await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync(camera, segmentSeconds);
        await AppendAsync(rig, feed, seconds, camera);
        await rig.StopRecordingAsync(camera);
        return feed;
    }

    private static async Task AppendAsync(RecorderRig rig, CameraFeed feed, int seconds, string camera = "cam1")
    {
        for (int i = 0; i < seconds; i++)
        {
            feed.Append(Footage.FramesPerSecond);
            if (i % 25 == 24)
            {
                await rig.WrittenAsync(camera, feed, TimeSpan.FromSeconds(30));
            }
        }

        await rig.WrittenAsync(camera, feed, TimeSpan.FromSeconds(30));
    }

    private static async Task<List<MoveFootageProgress>> MoveAsync(
        RecorderRig rig, string from, string to, string camera = "", DateTimeOffset? begin = null, DateTimeOffset? end = null, CancellationToken cancellation = default)
    {
        await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
        var told = new List<MoveFootageProgress>();
        using var channel = ChannelOf(rig);
        await foreach (var word in channel.ServerStreamingAsync(
            $"{Service}/MoveFootage", Request(from, to, camera, begin, end), MoveFootageProgress.Parser, Timeout.InfiniteTimeSpan, cancellation))
        {
            told.Add(word);
        }

        return told;
    }

    private static async Task<bool> MovesAsync(RecorderRig rig)
    {
        try
        {
            return (await MoveAsync(rig, "main", "archive"))[^1].LeftSegments == 0;
        }
        catch (RpcException e) when (e.Detail.StartsWith("moving: ", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private static async Task<string> RefusalAsync(RecorderRig rig, string from, string to)
    {
        using var channel = ChannelOf(rig);
        var refused = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(
            $"{Service}/PlanMove", Request(from, to), MoveFootageProgress.Parser, new RpcCallOptions(TimeSpan.FromSeconds(30)), CancellationToken.None));
        Assert.Equal(RpcStatus.FailedPrecondition, refused.Status);
        Assert.Equal(refused.Detail, (await Assert.ThrowsAsync<RpcException>(() => MoveAsync(rig, from, to))).Detail);
        return refused.Detail;
    }

    private static RpcChannel ChannelOf(RecorderRig rig) => new(new Uri($"unix://{Path.Combine(rig.Run, "planes", "recorder.rpc.sock")}"));

    private static MoveFootageRequest Request(string from, string to, string camera = "", DateTimeOffset? begin = null, DateTimeOffset? end = null) => new()
    {
        FromPool = from,
        ToPool = to,
        CameraId = camera,
        FromUnixMs = (begin ?? Rows.Start.AddDays(-1)).ToUnixTimeMilliseconds(),
        ToUnixMs = (end ?? Rows.Start.AddDays(1)).ToUnixTimeMilliseconds(),
    };

    private async Task AssertWholeAsync(RecorderRig rig, CameraFeed feed)
    {
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available && rig.Get<IndexJournal>().Count == 0);
        var rows = await rig.Index.FindAsync("cam1", "main", Rows.Start, feed.Now, CancellationToken.None);
        Assert.Equal(Files(rig), rows.Select(r => r.Path));
        Assert.All(rows, r => Assert.True(r.Closed && !r.Gops.IsEmpty));
        ArchiveJudge.AssertEveryFrameOnce([.. Files(rig).SelectMany(f => Footage.CountersIn(ArchiveJudge.ReadShared(f)))], 0, feed.Next);
        Assert.Equal(0, ArchiveJudge.AssertChained(Files(rig), _data));
    }

    private static IReadOnlyList<string> Files(RecorderRig rig, string camera = "cam1") => ArchiveJudge.FilesOf(rig.Get<ArchiveLayout>(), camera, "main");
}
