using System.Text.Json;
using Vms.Codecs;
using Vms.Hosting.Events;
using Vms.Recorder.Archive;
using Vms.Recorder.Events;
using Vms.Recorder.Pools;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Pools;

/// <summary>Recordings that are moved from the folder of recordings to an archive pool.</summary>
public sealed class TieringTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly string _data;
    private readonly string _archive;

    public TieringTests()
    {
        _data = _directory.Create("data");
        _archive = _directory.Create("archive");
        Configure(maxBytes: 0);
    }

    private string Main => Path.Combine(_data, "recordings");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_is_old_enough_moves_with_its_previews_and_plays_and_verifies_as_before()
    {
        await using var rig = await StartAsync();
        using var feed = await RecordedAsync(rig, seconds: 35);
        var before = Files(rig);
        byte[] first = ArchiveJudge.ReadShared(before[0]);
        string previews = Path.ChangeExtension(before[0], ".previews");
        await File.WriteAllBytesAsync(previews, [1, 2, 3]);
        using var open = File.OpenHandle(before[0], FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

        await rig.Get<SegmentMover>().MoveAllAsync(CancellationToken.None);

        var after = Files(rig);
        Assert.Equal(before.Count, after.Count);
        Assert.All(after, f => Assert.StartsWith(_archive, f, StringComparison.Ordinal));
        Assert.DoesNotContain(
            Directory.GetFiles(Main, "*.*", SearchOption.AllDirectories), f => Path.GetExtension(f) is ".mp4" or ".previews");
        Assert.Equal(first, ArchiveJudge.ReadShared(after[0]));
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Path.ChangeExtension(after[0], ".previews")));
        Assert.Equal(before.Select(f => f.Replace(Main, _archive, StringComparison.Ordinal)), after);
        await AssertIndexNamesAsync(rig, feed, after);
        ArchiveJudge.AssertEveryFrameOnce(Counters(after), 0, feed.Next);
        Assert.Equal(0, ArchiveJudge.AssertChained(after, _data));
        Assert.Empty(Directory.GetFiles(_archive, "*.moving", SearchOption.AllDirectories));

        // Who opened it before reads on; who learned the old path finds it in its new place.
        byte[] read = new byte[first.Length];
        Assert.Equal(first.Length, RandomAccess.Read(open, read, 0));
        Assert.Equal(first, read);
        Assert.Equal(after[0], rig.Get<ArchiveLayout>().Find(before[0]));

        // It goes on with the chain after a restart, in a new segment of the pool that is recorded to.
        await rig.StopAsync();
        await rig.StartAsync();
        await rig.RecordAsync("cam1");
        await AppendAsync(rig, feed, seconds: 5);
        await rig.StopRecordingAsync("cam1");
        Assert.StartsWith(Main, Files(rig)[^1], StringComparison.Ordinal);
        Assert.Equal(feed.Next, Counters(Files(rig)).Distinct().Count());
        Assert.Equal(0, ArchiveJudge.AssertChained(Files(rig), _data));
    }

    [Theory]
    [InlineData("Noted")]
    [InlineData("Copied")]
    [InlineData("Renamed")]
    [InlineData("Journaled")]
    [InlineData("Deleted")]
    public async Task A_crash_between_any_two_steps_leaves_one_file_that_the_index_names(string after)
    {
        await using var rig = await StartAsync();
        using var feed = await RecordedAsync(rig, seconds: 12);
        int count = Files(rig).Count;
        var mover = rig.Get<SegmentMover>();
        mover.Reached = step =>
        {
            if (step == Enum.Parse<MoveStep>(after))
            {
                throw new InvalidOperationException("the process dies here");
            }
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => mover.MoveAllAsync(CancellationToken.None));

        await rig.StopAsync();
        await rig.StartAsync();
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available);
        await rig.Get<SegmentMover>().MoveAllAsync(CancellationToken.None);
        Assert.False(File.Exists(Path.Combine(Main, ".index", "moving")));
        Assert.Empty(Directory.GetFiles(_archive, "*.moving", SearchOption.AllDirectories));
        Assert.Equal(count, Files(rig).Count);
        Assert.All(Files(rig), f => Assert.StartsWith(_archive, f, StringComparison.Ordinal));
        await AssertIndexNamesAsync(rig, feed, Files(rig));
        Assert.Equal(default, await rig.Get<IndexRebuild>().RunAsync(everyFile: true, CancellationToken.None));
        ArchiveJudge.AssertEveryFrameOnce(Counters(Files(rig)), 0, feed.Next);
        Assert.Equal(0, ArchiveJudge.AssertChained(Files(rig), _data));
    }

    [Theory]
    [InlineData("Noted", false)]
    [InlineData("Copied", false)]
    [InlineData("Renamed", true)]
    [InlineData("Journaled", true)]
    [InlineData("Deleted", true)]
    public async Task What_a_crash_interrupted_is_undone_or_completed_from_the_note_alone(string after, bool completed)
    {
        await using var rig = await StartAsync();
        using var feed = await RecordedAsync(rig, seconds: 12);
        var before = Files(rig);
        var mover = rig.Get<SegmentMover>();
        mover.Reached = step =>
        {
            if (step == Enum.Parse<MoveStep>(after))
            {
                throw new InvalidOperationException("the process dies here");
            }
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => mover.MoveAllAsync(CancellationToken.None));
        mover.Reached = static _ => { };

        Assert.True(mover.Recover());
        Assert.Equal(before.Count, Files(rig).Count);
        Assert.Equal(completed, Files(rig)[0].StartsWith(_archive, StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(Main, ".index", "moving")));
        await AssertIndexNamesAsync(rig, feed, Files(rig));
        ArchiveJudge.AssertEveryFrameOnce(Counters(Files(rig)), 0, feed.Next);
    }

    [Fact]
    public async Task A_segment_whose_copy_is_not_what_was_recorded_stays_where_it_is()
    {
        await using var rig = await StartAsync();
        using var feed = await RecordedAsync(rig, seconds: 25);
        string file = Files(rig)[0];
        Assert.NotEqual(file, Files(rig)[^1]);
        byte[] bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;       // the disk it comes from gives back something else
        await File.WriteAllBytesAsync(file, bytes);

        await rig.Get<SegmentMover>().MoveAllAsync(CancellationToken.None);

        Assert.True(File.Exists(file));
        Assert.False(File.Exists(file.Replace(Main, _archive, StringComparison.Ordinal)));
        Assert.Empty(Directory.GetFiles(_archive, "*.moving", SearchOption.AllDirectories));
        Assert.Contains(Files(rig), f => f.StartsWith(_archive, StringComparison.Ordinal));     // the others moved
        await Eventually.TrueAsync(async () =>      // and what is lost of it is on the books
            (await rig.Index.GapsAsync("cam1", "main", Rows.Start, feed.Now, CancellationToken.None)).Any(g => g.Cause == GapCause.Damaged));
    }

    [Fact]
    public async Task Nothing_moves_to_a_pool_that_is_away_and_nothing_of_it_is_missing()
    {
        await using var rig = await StartAsync();
        using var feed = await RecordedAsync(rig, seconds: 12);
        await rig.Get<SegmentMover>().MoveAllAsync(CancellationToken.None);
        var moved = Files(rig);
        await AssertIndexNamesAsync(rig, feed, moved);

        string away = _archive + ".away";
        Directory.Move(_archive, away);
        Directory.CreateDirectory(_archive);
        var pool = rig.Get<StoragePools>().All[1];
        await Eventually.TrueAsync(() => pool.State.State == PoolState.Away);
        await rig.RecordAsync("cam1");
        await AppendAsync(rig, feed, seconds: 12);
        await rig.StopRecordingAsync("cam1");
        await rig.Get<SegmentMover>().MoveAllAsync(CancellationToken.None);
        Assert.Empty(Directory.GetFileSystemEntries(_archive));
        await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
        Assert.Equal(default, await rig.Get<IndexRebuild>().RunAsync(everyFile: false, CancellationToken.None));
        rig.Get<SegmentDamage>().Report(moved[0]);
        await Eventually.TrueAsync(() => rig.Get<SegmentDamage>().Waiting == 0);
        rig.Retention.Sweep();

        Directory.Delete(_archive);
        Directory.Move(away, _archive);
        await Eventually.TrueAsync(() => pool.IsThere);
        Assert.Equal(moved, Files(rig).Take(moved.Count));
        await AssertIndexNamesAsync(rig, feed, Files(rig));
        Assert.DoesNotContain(await rig.Index.GapsAsync("cam1", "main", Rows.Start, feed.Now, CancellationToken.None), g => g.Cause == GapCause.Damaged);
        Assert.Contains(Events(rig), e => e.Type == "storage.poolFailed");
    }

    [Fact]
    public async Task An_archive_pool_keeps_to_its_bytes_by_deleting_its_oldest()
    {
        await using var rig = await StartAsync();
        using var feed = await RecordedAsync(rig, seconds: 62);
        var before = Files(rig);
        long ceiling = before.Sum(f => new FileInfo(f).Length) * 3 / 5;
        await rig.StopAsync();
        Configure(ceiling);
        await rig.StartAsync();
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available);
        await rig.Get<SegmentMover>().MoveAllAsync(CancellationToken.None);
        rig.Retention.Sweep();

        var archived = Files(rig).Where(f => f.StartsWith(_archive, StringComparison.Ordinal)).ToList();
        Assert.InRange(archived.Count, 2, before.Count - 1);
        Assert.InRange(archived.Sum(f => new FileInfo(f).Length), 1, ceiling);
        Assert.Equal(before.Select(Path.GetFileName).TakeLast(archived.Count), archived.Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_segment_that_stands_in_two_pools_is_left_in_the_one_that_the_index_names()
    {
        await using var rig = await StartAsync();
        using var feed = await RecordedAsync(rig, seconds: 12);
        await AssertIndexNamesAsync(rig, feed, Files(rig));
        string file = Files(rig)[0];
        string second = file.Replace(Main, _archive, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.GetDirectoryName(second)!);
        File.Copy(file, second);
        await rig.Get<IndexRebuild>().RunAsync(everyFile: false, CancellationToken.None);
        Assert.False(File.Exists(second));
        Assert.True(File.Exists(file));

        // Moved by hand: the index follows.
        Directory.CreateDirectory(Path.GetDirectoryName(second)!);
        File.Move(file, second);
        Assert.Equal(1, (await rig.Get<IndexRebuild>().RunAsync(everyFile: false, CancellationToken.None)).Corrected);
        await AssertIndexNamesAsync(rig, feed, Files(rig));
    }

    private void Configure(long maxBytes) => File.WriteAllText(
        Path.Combine(_data, "storage.json"),
        JsonSerializer.Serialize(new
        {
            pools = new object[]
            {
                new { name = "main", moveAfterHours = 0 },
                new { name = "archive", path = _archive, role = "archive", maxBytes },
            },
        }));

    private async Task<RecorderRig> StartAsync()
    {
        var rig = await new RecorderRig(await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync(), _data).StartAsync();
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available);
        return rig;
    }

    private static async Task<CameraFeed> RecordedAsync(RecorderRig rig, int seconds)
    {
        var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1");
        await AppendAsync(rig, feed, seconds);
        await rig.StopRecordingAsync("cam1");
        return feed;
    }

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

    private static async Task AssertIndexNamesAsync(RecorderRig rig, CameraFeed feed, IReadOnlyList<string> files)
    {
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available && rig.Get<IndexJournal>().Count == 0);
        var rows = await rig.Index.FindAsync("cam1", "main", Rows.Start, feed.Now, CancellationToken.None);
        Assert.Equal(files, rows.Select(r => r.Path));
        Assert.All(rows, r => Assert.True(r.Closed && !r.Gops.IsEmpty));
    }

    private static IReadOnlyList<string> Files(RecorderRig rig) => ArchiveJudge.FilesOf(rig.Get<ArchiveLayout>(), "cam1", "main");

    private static List<long> Counters(IReadOnlyList<string> files) => [.. files.SelectMany(f => Footage.CountersIn(ArchiveJudge.ReadShared(f)))];

    private static List<RecorderEvent> Events(RecorderRig rig) => ToldEvents.Take(rig.Get<EventOutbox>());
}
