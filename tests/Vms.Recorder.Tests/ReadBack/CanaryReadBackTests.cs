using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Codecs;
using Vms.Containers;
using Vms.Hosting.Events;
using Vms.Native.Storage;
using Vms.Recorder.Archive;
using Vms.Recorder.Events;
using Vms.Recorder.ReadBack;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Processes;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.ReadBack;

/// <summary>On real files, damaged where they lie, with a real decoder.</summary>
public sealed class CanaryReadBackTests
{
    private const int TwelveSeconds = 12 * Footage.FramesPerSecond;

    [Fact]
    public async Task What_was_recorded_reads_back_and_decodes_and_the_status_says_when()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var canary = await CanaryAsync(rig);
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(TwelveSeconds);
        await rig.WrittenAsync("cam1", feed);

        await canary.ReadNextAsync(CancellationToken.None);

        var status = rig.StatusOf("cam1")!;
        Assert.Equal(("good", ""), (status.ReadBackResult, status.ReadBackDetail));
        var from = DateTimeOffset.FromUnixTimeMilliseconds(status.ReadBackFromUnixMs);
        Assert.InRange(from, Rows.Start.AddSeconds(1), feed.Now.AddSeconds(-5));     // what is younger may still be on its way to the disk
        Assert.Empty(Alarms(rig));
    }

    [Fact]
    public async Task A_byte_that_changed_on_the_disk_is_an_alarm_once_and_good_again_when_it_is()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var canary = await CanaryAsync(rig);
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(TwelveSeconds);
        await rig.WrittenAsync("cam1", feed);
        Damage(rig);

        await canary.ReadNextAsync(CancellationToken.None);
        Assert.Equal("altered", rig.StatusOf("cam1")!.ReadBackResult);
        Assert.Contains("checksum", rig.StatusOf("cam1")!.ReadBackDetail, StringComparison.Ordinal);
        var alarm = Assert.Single(Alarms(rig));
        Assert.Equal(("cam1", "altered", "critical"), (alarm.CameraId, alarm.Data["reason"], alarm.Data["severity"]));
        Assert.Equal(rig.StatusOf("cam1")!.ReadBackFromUnixMs, alarm.At.ToUnixTimeMilliseconds());
        Assert.Equal(rig.Layout.Relative(rig.Files("cam1")[0]), alarm.Data["path"]);

        feed.Append(2 * Footage.FramesPerSecond);
        await rig.WrittenAsync("cam1", feed);
        await canary.ReadNextAsync(CancellationToken.None);
        Assert.Equal("altered", rig.StatusOf("cam1")!.ReadBackResult);
        Assert.Empty(Alarms(rig));      // the same trouble is told once

        feed.Append(TwelveSeconds);
        await rig.WrittenAsync("cam1", feed);
        await canary.ReadNextAsync(CancellationToken.None);
        Assert.Equal("good", rig.StatusOf("cam1")!.ReadBackResult);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_an_alarm()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var canary = await CanaryAsync(rig);
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(TwelveSeconds);
        await rig.WrittenAsync("cam1", feed);
        File.Delete(rig.Files("cam1").Single());

        await canary.ReadNextAsync(CancellationToken.None);
        Assert.Equal("gone", rig.StatusOf("cam1")!.ReadBackResult);
        var alarm = Assert.Single(Alarms(rig));
        Assert.Equal("gone", alarm.Data["reason"]);
    }

    [Fact]
    public async Task Damage_that_is_found_in_a_file_becomes_a_gap_when_the_file_is_complete()
    {
        string postgres = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        await using var rig = await new RecorderRig(postgres).StartAsync();
        var canary = await CanaryAsync(rig);
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(TwelveSeconds);
        await rig.WrittenAsync("cam1", feed);
        Damage(rig);
        await canary.ReadNextAsync(CancellationToken.None);
        Assert.Equal("altered", rig.StatusOf("cam1")!.ReadBackResult);

        await rig.StopRecordingAsync("cam1");
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available);
        await Eventually.TrueAsync(async () =>
        {
            await canary.ReadNextAsync(CancellationToken.None);
            var gaps = await rig.Index.GapsAsync("cam1", "main", Rows.Start, feed.Now, CancellationToken.None);
            return gaps.Any(g => g.Cause == GapCause.Damaged);
        });
    }

    [Fact]
    public async Task Damage_that_nobody_has_time_for_is_brought_up_again()
    {
        string postgres = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        await using var rig = await new RecorderRig(postgres).StartAsync();
        await CanaryAsync(rig);
        using var damage = new SegmentDamage(
            rig.Layout, rig.Get<PoolIdentity>(), rig.Get<IndexTables>(), rig.Get<IndexJournal>(), rig.Get<OpenSegments>(), rig.Get<RecorderEvents>(),
            TimeProvider.System, NullLogger<SegmentDamage>.Instance)
        {
            ConfirmAfter = TimeSpan.FromMilliseconds(50),
        };
        using var canary = new CanaryReadBack(
            rig.Recordings, rig.Get<OpenSegments>(), rig.Index, rig.Ledgers, new ReadBackBook(), damage, rig.Get<RecorderEvents>(), rig.Layout,
            rig.Get<KeyframeDecoder>(), TimeProvider.System, NullLogger<CanaryReadBack>.Instance);
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(TwelveSeconds);
        await rig.WrittenAsync("cam1", feed);
        Damage(rig);
        await canary.ReadNextAsync(CancellationToken.None);
        await rig.StopRecordingAsync("cam1");
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available);

        int full = 0;
        while (damage.Report(Path.Combine(rig.Data, $"{full}.mp4")))
        {
            full++;
        }

        await canary.ReadNextAsync(CancellationToken.None);
        Assert.Equal(full, damage.Waiting);
        using var stop = new CancellationTokenSource();
        var looking = damage.RunAsync(stop.Token);
        await Eventually.TrueAsync(async () =>
        {
            await canary.ReadNextAsync(CancellationToken.None);
            var gaps = await rig.Index.GapsAsync("cam1", "main", Rows.Start, feed.Now, CancellationToken.None);
            return gaps.Any(g => g.Cause == GapCause.Damaged);
        });
        await stop.CancelAsync();
        await looking;
    }

    [Fact]
    public async Task A_picture_that_no_decoder_takes_is_an_alarm_though_the_disk_is_right()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var canary = await CanaryAsync(rig);
        var footage = await Footage.LoadAsync();
        using var log = StreamLogWriter.Open(rig.Logs, StreamLogDirectory.NameOf("cam1", "main"), new StreamLogOptions(), TimeProvider.System);
        uint tracks = log.SetTracks([footage.Track]);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        var random = new Random(20_261_130);
        for (int i = 0; i < TwelveSeconds; i++)
        {
            var header = new SampleHeader(
                0, SampleFlags.Keyframe, GapCause.None, tracks, i * Footage.TicksPerFrame, UnixTime.ToMicroseconds(Rows.Start) + (i * 40_000L));
            Assert.Equal(AppendResult.Appended, log.Append(header, NoPicture(random)));
        }

        await Eventually.TrueAsync(() => rig.Ledgers.Of("cam1", "main").Written.LastSequence > TwelveSeconds - Footage.FramesPerSecond);
        await canary.ReadNextAsync(CancellationToken.None);

        Assert.Equal("undecodable", rig.StatusOf("cam1")!.ReadBackResult);
        Assert.NotEmpty(rig.StatusOf("cam1")!.ReadBackDetail);
        var alarm = Assert.Single(Alarms(rig));
        Assert.Equal("undecodable", alarm.Data["reason"]);
    }

    [Fact]
    public async Task Cameras_take_turns_and_nothing_is_read_twice()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var canary = await CanaryAsync(rig);
        var footage = await Footage.LoadAsync();
        string[] cameras = ["cam1", "cam2", "cam3"];
        var feeds = cameras.Select(c => new CameraFeed(rig.Logs, c, footage, Rows.Start)).ToList();
        foreach (var (camera, feed) in cameras.Zip(feeds))
        {
            await rig.RecordAsync(camera, segmentSeconds: 600);
            feed.Append(TwelveSeconds);
            await rig.WrittenAsync(camera, feed);
        }

        var book = rig.Get<ReadBackBook>();
        for (int turn = 1; turn <= cameras.Length; turn++)
        {
            await canary.ReadNextAsync(CancellationToken.None);
            Assert.Equal(turn, cameras.Count(c => book.Of(c, "main") is { Verdict.Result: ReadBackResult.Good }));
        }

        var before = cameras.Select(c => book.Of(c, "main")).ToList();
        await canary.ReadNextAsync(CancellationToken.None);
        Assert.Equal(before, cameras.Select(c => book.Of(c, "main")));

        // Only one has something new: its turn comes before that of those that have nothing.
        feeds[1].Append(TwelveSeconds);
        await rig.WrittenAsync("cam2", feeds[1]);
        await canary.ReadNextAsync(CancellationToken.None);
        Assert.True(book.Of("cam2", "main")!.Fragment.From > before[1]!.Fragment.From);
        Assert.Equal((before[0], before[2]), (book.Of("cam1", "main"), book.Of("cam3", "main")));
        feeds.ForEach(f => f.Dispose());
    }

    [Fact]
    public async Task One_fragment_is_read_a_minute()
    {
        await using var rig = await new RecorderRig().StartAsync();
        await CanaryAsync(rig);
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(TwelveSeconds);
        await rig.WrittenAsync("cam1", feed);
        var clock = new ManualTimeProvider();
        var book = new ReadBackBook();
        using var canary = new CanaryReadBack(
            rig.Recordings, rig.Get<OpenSegments>(), rig.Index, rig.Ledgers, book, rig.Get<SegmentDamage>(), rig.Get<RecorderEvents>(), rig.Layout,
            rig.Get<KeyframeDecoder>(), clock, NullLogger<CanaryReadBack>.Instance);
        var started = clock.GetUtcNow();
        await canary.StartAsync(CancellationToken.None);

        await SecondsPassUntilAsync(clock, () => book.Of("cam1", "main") is not null);
        var first = book.Of("cam1", "main")!;
        Assert.True(first.At - started >= CanaryReadBack.Interval, $"read after {first.At - started}");

        feed.Append(TwelveSeconds);
        await rig.WrittenAsync("cam1", feed);
        await SecondsPassUntilAsync(clock, () => book.Of("cam1", "main") != first);
        Assert.True(book.Of("cam1", "main")!.Fragment.From > first.Fragment.From);
        await canary.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Reading_back_goes_past_the_page_cache()
    {
        // Beside the build output: the temporary folder may be one in memory, where there is nothing else than the page cache.
        string data = Directory.CreateDirectory(Path.Combine(TestPaths.Artifacts, "test-media", Path.GetRandomFileName())).FullName;
        try
        {
            await using var rig = await new RecorderRig(null, data, "--VMS_RECORDER_DIRECT_IO=off").StartAsync();
            using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
            await rig.RecordAsync("cam1", segmentSeconds: 600);
            feed.Append(TwelveSeconds);
            await rig.WrittenAsync("cam1", feed);
            var row = rig.Get<OpenSegments>().Of("cam1", "main", withGops: true).Single();
            await rig.StopAsync();
            Assert.NotEmpty(await File.ReadAllBytesAsync(row.Path));
            Assert.NotEqual(0, await CachedPagesAsync(row.Path));
            await Eventually.TrueAsync(async () =>
            {
                using var file = File.OpenHandle(row.Path);
                StorageFile.DropCache(file, 0, 0);
                return await CachedPagesAsync(row.Path) == 0;
            });

            Assert.Equal(ReadBackVerdict.Good, new DiskReader().Read(FreshFragment.In(row)!));
            Assert.Equal(0, await CachedPagesAsync(row.Path));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>The one of the rig, which does nothing by itself from now on.</summary>
    private static async Task<CanaryReadBack> CanaryAsync(RecorderRig rig)
    {
        var canary = rig.Get<CanaryReadBack>();
        await canary.StopAsync(CancellationToken.None);
        return canary;
    }

    /// <summary>Since the last time somebody asked.</summary>
    private static List<RecorderEvent> Alarms(RecorderRig rig) => ToldEvents.Take(rig.Get<EventOutbox>()).FindAll(e => e.Type == "recording.readBackFailed");

    /// <summary>One bit of every fragment that is in the open file.</summary>
    private static void Damage(RecorderRig rig)
    {
        var row = rig.Get<OpenSegments>().Of("cam1", "main", withGops: true).Single();
        Assert.True(GopTable.TryDecode(row.Gops.Span, out var table));
        using var file = new FileStream(row.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        foreach (var entry in table)
        {
            file.Position = entry.Offset + (entry.Length / 2);
            int there = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(there ^ 1));
        }
    }

    private static byte[] NoPicture(Random random)
    {
        byte[] nal = new byte[400];
        random.NextBytes(nal);
        BinaryPrimitives.WriteInt32BigEndian(nal, nal.Length - 4);
        nal[4] = 0x65;      // coded slice of an IDR picture, and nothing of it is one
        return nal;
    }

    private static Task SecondsPassUntilAsync(ManualTimeProvider clock, Func<bool> condition) => Eventually.TrueAsync(() =>
    {
        clock.Advance(TimeSpan.FromSeconds(1));
        return condition();
    });

    private static async Task<int> CachedPagesAsync(string path) =>
        int.Parse(await ChildProcess.RunAsync("fincore", ["--noheadings", "--output", "PAGES", path]), CultureInfo.InvariantCulture);
}
