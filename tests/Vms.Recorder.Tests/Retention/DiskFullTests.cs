using System.Text.Json;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.Testing;

namespace Vms.Recorder.Tests.Retention;

/// <summary>On a real file system of a few megabytes.</summary>
public sealed class DiskFullTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TestDirectory _directory = new();
    private readonly TestLogs _logs;
    private readonly string _data;

    public DiskFullTests()
    {
        _data = _directory.Create("data");
        _logs = new TestLogs(_data);
    }

    public void Dispose()
    {
        _logs.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_full_disk_makes_room_by_deleting_the_oldest_and_recording_never_stops()
    {
        await using var recorder = await StartAsync(diskBytes: 4 << 20);
        using var feed = new CameraFeed(_logs.Directory, "cam1", await Footage.LoadAsync(width: 640), Rows.Start);
        await RecordAsync(recorder, segmentSeconds: 10);
        while (feed.Bytes < 12 << 20)
        {
            feed.Append(100);
            await Eventually.TrueAsync(() => LastFrame(recorder) >= feed.Next - 26, s_patience);   // the last second may still be on its way
        }

        await Eventually.TrueAsync(() => LastFrame(recorder) == feed.Next - 1, s_patience);
        var files = Files(recorder);
        var counters = files.SelectMany(f => Footage.CountersIn(ArchiveJudge.ReadShared(f))).ToList();
        Assert.True(counters[0] > 0, "nothing was deleted");
        ArchiveJudge.AssertEveryFrameOnce(counters, counters[0], feed.Next);
        foreach (string file in files)
        {
            await ArchiveJudge.AssertDecodesAsync(file);
        }

        ArchiveJudge.AssertChained(files, _data);
    }

    [Fact]
    public async Task A_full_disk_makes_room_around_what_is_held()
    {
        await using var recorder = await StartAsync(diskBytes: 4 << 20);
        using var feed = new CameraFeed(_logs.Directory, "cam1", await Footage.LoadAsync(width: 640), Rows.Start);
        var hold = new KeptRange { Id = "hold", CameraId = "cam1", Kind = "hold", FromUnixMs = Rows.Start.ToUnixTimeMilliseconds() };
        hold.ToUnixMs = hold.FromUnixMs + 5000;
        await recorder.KeepAsync(new KeptRanges { Generation = 2, Ranges = { hold } });
        await RecordAsync(recorder, segmentSeconds: 10);
        while (feed.Bytes < 12 << 20)
        {
            feed.Append(100);
            await Eventually.TrueAsync(() => LastFrame(recorder) >= feed.Next - 26, s_patience);
        }

        await Eventually.TrueAsync(() => LastFrame(recorder) == feed.Next - 1, s_patience);
        var files = Files(recorder);
        var held = Footage.CountersIn(ArchiveJudge.ReadShared(files[0]));
        ArchiveJudge.AssertEveryFrameOnce(held, 0, held[^1] + 1);
        await ArchiveJudge.AssertDecodesAsync(files[0]);
        var rest = files.Skip(1).SelectMany(f => Footage.CountersIn(ArchiveJudge.ReadShared(f))).ToList();
        Assert.True(rest[0] > held[^1] + 1, "nothing was deleted");
        ArchiveJudge.AssertEveryFrameOnce(rest, rest[0], feed.Next);
    }

    [Fact]
    public async Task When_nothing_may_be_deleted_recording_stops_says_so_and_goes_on_without_loss_once_there_is_room()
    {
        const int Disk = 3 << 20;
        await using var recorder = await StartAsync(Disk);
        using var feed = new CameraFeed(_logs.Directory, "cam1", await Footage.LoadAsync(), Rows.Start);
        await RecordAsync(recorder, segmentSeconds: 1800);
        string other = Path.Combine(recorder.Pool, "something-else");
        await File.WriteAllBytesAsync(other, new byte[Disk - (1 << 20)]);

        RecordingStatus? status = null;
        while (status?.State != "failed")
        {
            feed.Append(50);
            await Eventually.TrueAsync(
                async () =>
                {
                    status = (await recorder.ListAsync()).Recordings.Single();
                    return status.State == "failed" || LastFrame(recorder) >= feed.Next - 26;
                },
                s_patience);
        }

        Assert.Equal("diskFull", status.Reason);
        Assert.NotEmpty(status.Detail);
        string file = Files(recorder)[0];
        await ArchiveJudge.AssertDecodesAsync(file);
        Assert.True(Footage.CountersIn(ArchiveJudge.ReadShared(file)).Count < feed.Next);

        File.Delete(other);
        await Eventually.TrueAsync(() => LastFrame(recorder) == feed.Next - 1, s_patience);
        Assert.Equal("recording", (await recorder.ListAsync()).Recordings.Single().State);
        file = Assert.Single(Files(recorder));
        ArchiveJudge.AssertEveryFrameOnce(Footage.CountersIn(ArchiveJudge.ReadShared(file)), 0, feed.Next);
        await ArchiveJudge.AssertDecodesAsync(file);
        ArchiveJudge.AssertChained([file], _data);
    }

    [Fact]
    public async Task A_pool_that_is_full_of_held_footage_is_left_for_another_and_nothing_is_lost()
    {
        string second = _directory["second"];       // not there yet: it begins with the small disk
        await File.WriteAllTextAsync(
            Path.Combine(_data, "storage.json"), JsonSerializer.Serialize(new { pools = new[] { new { name = "second", path = second } } }));
        await using var recorder = await StartAsync(diskBytes: 3 << 20);
        using var feed = new CameraFeed(_logs.Directory, "cam1", await Footage.LoadAsync(width: 640), Rows.Start);
        var hold = new KeptRange { Id = "hold", CameraId = "cam1", Kind = "hold", FromUnixMs = Rows.Start.ToUnixTimeMilliseconds() };
        hold.ToUnixMs = hold.FromUnixMs + (long)TimeSpan.FromHours(1).TotalMilliseconds;
        await recorder.KeepAsync(new KeptRanges { Generation = 2, Ranges = { hold } });
        await RecordAsync(recorder, segmentSeconds: 1800);
        while (feed.Bytes < 9 << 20)
        {
            feed.Append(50);
            if (feed.Bytes > 1 << 20)
            {
                Directory.CreateDirectory(second);
            }

            await Eventually.TrueAsync(() => FramesIn(recorder, second).Max() >= feed.Next - 26, s_patience);   // the last second may still be on its way
        }

        await Eventually.TrueAsync(() => FramesIn(recorder, second).Max() == feed.Next - 1, s_patience);
        Assert.Equal("recording", (await recorder.ListAsync()).Recordings.Single().State);
        var files = FilesIn(recorder, second);
        Assert.Contains(files, f => f.StartsWith(second, StringComparison.Ordinal));
        Assert.Contains(files, f => !f.StartsWith(second, StringComparison.Ordinal));
        // From the keyframe on that the next file begins with, a group of pictures at most is there twice.
        var frames = FramesIn(recorder, second)[1..];
        Assert.Equal(feed.Next, frames.Distinct().Count());
        Assert.InRange(frames.Count - frames.Distinct().Count(), 0, 25 * (files.Count - 1));
        foreach (string file in files)
        {
            await ArchiveJudge.AssertDecodesAsync(file);
        }

        ArchiveJudge.AssertChained(files, _data);
    }

    /// <summary>Of both pools, in recording order.</summary>
    private static IReadOnlyList<string> FilesIn(RecorderProcess recorder, string second) =>
        ArchiveJudge.FilesOf(new ArchiveLayout(recorder.Pool, new PoolRoot("second", second)), "cam1", "main");

    private static List<long> FramesIn(RecorderProcess recorder, string second) =>
        [-1, .. FilesIn(recorder, second).SelectMany(f => Footage.CountersIn(ArchiveJudge.ReadShared(f)))];

    private async Task<RecorderProcess> StartAsync(long diskBytes)
    {
        var recorder = new RecorderProcess(_data, _directory.Create("run"), diskBytes: diskBytes);
        await recorder.StartAsync();
        return recorder;
    }

    private static async Task RecordAsync(RecorderProcess recorder, int segmentSeconds)
    {
        await recorder.RecordAsync("cam1", segmentSeconds);
        await Eventually.TrueAsync(async () => (await recorder.ListAsync()).Recordings.Single().Reason == "noVideo");
    }

    private static IReadOnlyList<string> Files(RecorderProcess recorder) => ArchiveJudge.FilesOf(new ArchiveLayout(recorder.Pool), "cam1", "main");

    private static long LastFrame(RecorderProcess recorder) =>
        Files(recorder) is { Count: > 0 } files ? Footage.CountersIn(ArchiveJudge.ReadShared(files[^1])).LastOrDefault(-1) : -1;
}
