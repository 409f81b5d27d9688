using System.Text.Json;
using Vms.Hosting.Events;
using Vms.Recorder.Archive;
using Vms.Recorder.Events;
using Vms.Recorder.Pools;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Pools;

/// <summary>A recorder with a second pool in a real folder.</summary>
public sealed class SeveralPoolsTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly string _data;
    private readonly string _second;

    public SeveralPoolsTests()
    {
        _data = _directory.Create("data");
        _second = _directory.Create("second");
        File.WriteAllText(
            Path.Combine(_data, "storage.json"), JsonSerializer.Serialize(new { pools = new[] { new { name = "second", path = _second } } }));
    }

    private string Main => Path.Combine(_data, "recordings");

    private string Away => _second + ".away";

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Recordings_are_shared_out_and_the_chain_goes_through_both_pools()
    {
        await using var rig = await StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1");
        await AppendAsync(rig, feed, seconds: 160);
        await rig.StopRecordingAsync("cam1");

        var files = Files(rig);
        int inSecond = files.Count(f => f.StartsWith(_second, StringComparison.Ordinal));
        Assert.InRange(inSecond, 3, files.Count - 3);
        ArchiveJudge.AssertEveryFrameOnce(Counters(files), 0, feed.Next);
        Assert.Equal(0, ArchiveJudge.AssertChained(files, _data));
        AssertBalanced(rig, feed);

        // The index says where each of them is, and comparing it with the files changes nothing.
        var rows = await rig.Index.FindAsync("cam1", "main", Rows.Start, feed.Now, CancellationToken.None);
        Assert.Equal(files, rows.Select(r => r.Path));
        await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
        Assert.Equal(default, await rig.Get<IndexRebuild>().RunAsync(everyFile: true, CancellationToken.None));
    }

    [Fact]
    public async Task A_restart_goes_on_in_the_pool_of_the_newest_segment()
    {
        await using var rig = await StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1");
        for (int i = 0; Files(rig) is not [.., var last] || PoolOf(last) == "main"; i++)
        {
            Assert.True(i < 60, "always the same pool");
            await AppendAsync(rig, feed, seconds: 5);
        }

        string newest = Files(rig)[^1];
        await rig.StopAsync();
        long length = new FileInfo(newest).Length;
        await rig.StartAsync();
        await AppendAsync(rig, feed, seconds: 2);
        Assert.True(new FileInfo(newest).Length > length, "it was not gone on with");
        await rig.StopRecordingAsync("cam1");
        ArchiveJudge.AssertEveryFrameOnce(Counters(Files(rig)), 0, feed.Next);
        Assert.Equal(0, ArchiveJudge.AssertChained(Files(rig), _data));
    }

    [Fact]
    public async Task A_pool_that_goes_away_is_left_for_the_other_and_nothing_is_lost_or_taken_for_missing()
    {
        await using var rig = await StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(gop: 50), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 1800);
        await AppendAsync(rig, feed, seconds: 8);
        var pool = rig.Get<StoragePools>().Of(Files(rig).Single());
        string marker = Path.Combine(pool.Root, ".index", "pool");
        string id = await File.ReadAllTextAsync(marker);

        File.Delete(marker);        // as when its disk is not mounted any more
        await Eventually.TrueAsync(() => pool.State.State == PoolState.Away);
        await AppendAsync(rig, feed, seconds: 9);
        var other = rig.Get<StoragePools>().All.Single(p => p != pool);
        Assert.Equal("recording", rig.StatusOf("cam1")!.State);
        Assert.Equal(PoolOf(Files(rig).Single()), other.Name);
        var events = Events(rig);
        Assert.Equal("away", events.Single(e => e.Type == "storage.poolFailed").Data["state"]);

        // Nothing of it counts as missing, and retention takes nothing in its place.
        await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
        Assert.Equal(default, await rig.Get<IndexRebuild>().RunAsync(everyFile: false, CancellationToken.None));
        rig.Retention.Sweep();
        Assert.Equal(2, (await rig.Index.FindAsync("cam1", "main", Rows.Start, feed.Now, CancellationToken.None)).Count);
        Assert.DoesNotContain(await rig.Index.GapsAsync("cam1", "main", Rows.Start, feed.Now, CancellationToken.None), g => !g.Open);

        await File.WriteAllTextAsync(marker, id);
        await Eventually.TrueAsync(() => pool.CanRecord);
        Assert.Contains(Events(rig), e => e.Type == "storage.poolReturned");
        await rig.StopRecordingAsync("cam1");
        var files = Files(rig);
        Assert.Equal(2, files.Count);
        ArchiveJudge.AssertChained(files, _data);
        // Every frame is there; those from the keyframe on that the new file needs are there twice, and count once.
        var frames = Counters(files);
        Assert.Equal(feed.Next, frames.Distinct().Count());
        Assert.InRange(frames.Count - frames.Distinct().Count(), 0, 50);
        foreach (string file in files)
        {
            await ArchiveJudge.AssertDecodesAsync(file);
        }

        AssertBalanced(rig, feed);
    }

    [Fact]
    public async Task A_pool_that_takes_nothing_any_more_is_left_and_nothing_is_lost()
    {
        await using var rig = await StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(gop: 50), Rows.Start);
        await rig.RecordAsync("cam1");
        await AppendAsync(rig, feed, seconds: 8);
        var pool = rig.Get<StoragePools>().Of(Files(rig).Single());

        pool.Fail("the disk reports an error", afterCommit: true);
        await AppendAsync(rig, feed, seconds: 9);
        await rig.StopRecordingAsync("cam1");
        var files = Files(rig);
        Assert.Equal(2, files.Select(PoolOf).Distinct().Count());
        Assert.Equal(feed.Next, Counters(files).Distinct().Count());
        ArchiveJudge.AssertChained(files, _data);
        AssertBalanced(rig, feed);
        Assert.Equal("failed", Events(rig).Single(e => e.Type == "storage.poolFailed").Data["state"]);
    }

    [Fact]
    public async Task A_mount_point_that_is_not_mounted_is_not_recorded_into()
    {
        await using (var rig = await StartAsync())
        {
            Assert.All(rig.Get<StoragePools>().All, p => Assert.True(p.CanRecord));
        }

        Directory.Move(_second, Away);
        Directory.CreateDirectory(_second);
        await using (var rig = await StartAsync())
        {
            using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
            await rig.RecordAsync("cam1");
            await AppendAsync(rig, feed, seconds: 60);
            Assert.Empty(Directory.GetFileSystemEntries(_second));
            Assert.Equal(PoolState.Away, rig.Get<StoragePools>().All[1].State.State);
            Assert.Single(Events(rig), e => e.Type == "storage.poolFailed");

            Directory.Delete(_second);
            Directory.Move(Away, _second);      // mounted
            await Eventually.TrueAsync(() => rig.Get<StoragePools>().All[1].CanRecord);
            await AppendAsync(rig, feed, seconds: 120);
            Assert.Contains(Files(rig), f => PoolOf(f) == "second");
        }
    }

    [Fact]
    public async Task The_folder_of_recordings_is_not_recorded_into_either_when_it_is_not_mounted()
    {
        await using (await StartAsync())
        {
        }

        Directory.Move(Main, Main + ".away");
        await using var rig = await StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1");
        await AppendAsync(rig, feed, seconds: 60);
        Assert.All(Files(rig), f => Assert.Equal("second", PoolOf(f)));
        Assert.Empty(Directory.GetFiles(Main, "*.mp4", SearchOption.AllDirectories));
    }

    private async Task<RecorderRig> StartAsync() =>
        await new RecorderRig(await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync(), _data).StartAsync();

    private static async Task AppendAsync(RecorderRig rig, CameraFeed feed, int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            feed.Append(Footage.FramesPerSecond);
            if (i % 25 == 24)
            {
                await rig.WrittenAsync("cam1", feed, TimeSpan.FromSeconds(30));
            }
        }

        await rig.WrittenAsync("cam1", feed, TimeSpan.FromSeconds(30));
    }

    private static IReadOnlyList<string> Files(RecorderRig rig) => ArchiveJudge.FilesOf(rig.Get<ArchiveLayout>(), "cam1", "main");

    private static List<long> Counters(IReadOnlyList<string> files) => [.. files.SelectMany(f => Footage.CountersIn(ArchiveJudge.ReadShared(f)))];

    private string PoolOf(string path) => path.StartsWith(_second, StringComparison.Ordinal) ? "second" : "main";

    private static List<RecorderEvent> Events(RecorderRig rig) => ToldEvents.Take(rig.Get<EventOutbox>());

    private static void AssertBalanced(RecorderRig rig, CameraFeed feed)
    {
        var ledger = rig.Ledgers.Of("cam1", "main");
        Assert.Equal((feed.Now - feed.Start).TotalSeconds, ledger.RecordedSeconds, tolerance: 0.05);
    }
}
