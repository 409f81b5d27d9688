using Vms.Codecs;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;
using Vms.StreamLog;
using Vms.Testing;

namespace Vms.Recorder.Tests.Writing;

public sealed class RestartTests
{
    [Fact]
    public async Task Kill_dash_9_at_random_moments_loses_no_frame_and_records_none_twice()
    {
        const int Kills = 4;
        using var directory = new TestDirectory();
        string data = directory.Create("data");
        string run = directory.Create("run");
        using var logs = new TestLogs(data);
        await using var recorder = new RecorderProcess(data, run);
        using var feed = new CameraFeed(logs.Directory, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddHours(-1));
        var random = new Random(20261121);
        using var stop = new CancellationTokenSource();
        var feeding = FeedAsync(feed, stop.Token);
        await recorder.StartAsync();
        await recorder.RecordAsync("cam1", segmentSeconds: 10);
        for (int kill = 0; kill < Kills; kill++)
        {
            long fed = feed.Next + random.Next(80, 200);
            await Eventually.TrueAsync(() => feed.Next > fed);
            await recorder.KillAsync();
            fed = feed.Next + random.Next(0, 100);
            await Eventually.TrueAsync(() => feed.Next > fed);
            await recorder.StartAsync();
        }

        await stop.CancelAsync();
        await feeding;
        await recorder.StopAsync();

        var layout = new Vms.Recorder.Archive.ArchiveLayout(Path.Combine(data, "recordings"));
        var files = ArchiveJudge.FilesOf(layout, "cam1", "main");
        var counters = files.SelectMany(f => Footage.CountersIn(ArchiveJudge.ReadShared(f))).ToList();
        ArchiveJudge.AssertEveryFrameOnce(counters, counters[0], feed.Next);
        int decoded = 0;
        foreach (string file in files)
        {
            await ArchiveJudge.AssertDecodesAsync(file);
            decoded += await ArchiveJudge.DecodedFramesAsync(file);
        }

        Assert.Equal(counters.Count, decoded);
        Assert.Equal(0, ArchiveJudge.AssertChained(files, data));
    }

    [Fact]
    public async Task An_ordered_restart_goes_on_in_the_same_segment()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddHours(-1));
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(110);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();
        feed.Append(40);
        await rig.StartAsync();
        feed.Append(40);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();

        Assert.Single(rig.Files("cam1"));
        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), 0, feed.Next);
        await ArchiveJudge.AssertDecodesAsync(rig.Files("cam1")[0]);
        rig.AssertChainedAndSigned("cam1");
    }

    [Fact]
    public async Task A_log_that_overtook_the_stopped_recorder_is_a_gap_and_a_new_segment()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var small = new StreamLogOptions { InitialCapacityBytes = 512 << 10, MaxCapacityBytes = 512 << 10 };
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddHours(-1), small);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(110);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();
        feed.Append(3000);
        await rig.StartAsync();
        await rig.WrittenAsync("cam1", feed);

        Assert.Equal(2, rig.Files("cam1").Count);
        var counters = rig.Counters("cam1");
        ArchiveJudge.AssertEveryFrameOnce(counters[..110], 0, 110);
        ArchiveJudge.AssertEveryFrameOnce(counters[110..], counters[110], feed.Next);
        var gaps = await rig.Index.GapsAsync("cam1", "main", feed.Start, feed.Now, CancellationToken.None);
        var gap = Assert.Single(gaps);
        Assert.Equal(GapCause.RecorderDown, gap.Cause);
        Assert.Equal((counters[110] - 110) / 25.0, (gap.To - gap.From).TotalSeconds, 0.05);
        await rig.StopAsync();
        rig.AssertChainedAndSigned("cam1");
    }

    [Fact]
    public async Task A_new_log_after_the_media_plane_lost_its_own_is_a_media_restart()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var footage = await Footage.LoadAsync();
        var start = DateTimeOffset.UtcNow.AddHours(-1);
        using (var feed = new CameraFeed(rig.Logs, "cam1", footage, start))
        {
            await rig.RecordAsync("cam1", segmentSeconds: 600);
            feed.Append(100);
            await rig.WrittenAsync("cam1", feed);
            feed.Log.Close();
        }

        using var second = new CameraFeed(rig.Logs, "cam1", footage, start.AddSeconds(10));
        second.Append(75);
        await Eventually.TrueAsync(() => rig.Counters("cam1").Count == 175);
        await rig.StopRecordingAsync("cam1");
        var gap = Assert.Single(await rig.Index.GapsAsync("cam1", "main", start, second.Now, CancellationToken.None));
        Assert.Equal(GapCause.MediaRestart, gap.Cause);
        Assert.Equal(6, (gap.To - gap.From).TotalSeconds, 0.05);
        Assert.Equal(2, rig.Files("cam1").Count);
        rig.AssertChainedAndSigned("cam1");
    }

    [Fact]
    public async Task A_log_that_grows_while_it_is_recorded_loses_nothing()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var growing = new StreamLogOptions { InitialCapacityBytes = 1 << 20, OutageBudget = TimeSpan.FromSeconds(30) };
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(width: 640), DateTimeOffset.UtcNow.AddHours(-1), growing);
        ulong epoch = feed.Log.Epoch;
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (feed.Next < 1000 && await pace.WaitForNextTickAsync())
        {
            feed.Append(5);
        }

        await rig.WrittenAsync("cam1", feed);
        Assert.NotEqual(epoch, feed.Log.Epoch);
        await rig.StopAsync();
        await rig.StartAsync();
        feed.Append(30);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();
        var counters = rig.Counters("cam1");
        ArchiveJudge.AssertEveryFrameOnce(counters, counters[0], feed.Next);
        Assert.Single(rig.Files("cam1"));
        rig.AssertChainedAndSigned("cam1");
    }

    [Fact]
    public async Task Stopping_and_starting_a_recording_is_a_gap_by_choice_and_records_nothing_twice()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddHours(-1));
        await rig.RecordAsync("cam1");
        feed.Append(60);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");
        await rig.RecordAsync("cam1");
        feed.Append(60);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");
        var counters = rig.Counters("cam1");
        Assert.Equal(counters.Distinct().Count(), counters.Count);
        var gap = Assert.Single(await rig.Index.GapsAsync("cam1", "main", feed.Start, feed.Now, CancellationToken.None));
        Assert.Equal(GapCause.Disabled, gap.Cause);
        rig.AssertChainedAndSigned("cam1");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_segment_that_vanishes_or_shrinks_before_it_is_gone_on_with_is_let_go_of_and_a_whole_one_begins(bool vanishes)
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddHours(-1));
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(110);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();
        await rig.StartAsync();
        await Eventually.TrueAsync(() => rig.StatusOf("cam1") is { Reason: not "streamLogMissing" });
        string lost = Assert.Single(rig.Files("cam1"));
        if (vanishes)
        {
            File.Delete(lost);
        }
        else
        {
            using var file = File.OpenWrite(lost);
            file.SetLength(file.Length / 2);
        }

        feed.Append(90);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();
        string next = rig.Files("cam1")[^1];
        Assert.NotEqual(lost, next);
        ArchiveJudge.AssertEveryFrameOnce(Footage.CountersIn(ArchiveJudge.ReadShared(next)), 125, feed.Next);
        await ArchiveJudge.AssertDecodesAsync(next);
        await rig.StartAsync();
        var gap = Assert.Single(await rig.Index.GapsAsync("cam1", "main", feed.Start, feed.Now, CancellationToken.None));
        Assert.Equal((GapCause.RecorderDown, feed.Start.AddSeconds(5)), (gap.Cause, gap.To));
        Assert.Equal(0.6, (gap.To - gap.From).TotalSeconds, 0.05);
    }

    [Fact]
    public async Task What_the_disk_refuses_while_a_recording_is_stopped_is_a_gap_and_its_segment_is_closed()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddHours(-1));
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(110);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();
        await rig.StartAsync();
        await Eventually.TrueAsync(() => rig.StatusOf("cam1") is { Reason: not "streamLogMissing" });
        string file = Assert.Single(rig.Files("cam1"));
        File.Move(file, file + ".away");
        Directory.CreateDirectory(file);        // cannot be opened for writing, not even by root
        var recordedUntil = feed.Now;
        feed.Append(20);                        // less than a fragment: they are queued by the stop
        await rig.StopRecordingAsync("cam1");

        Assert.Equal(0, rig.Get<OpenSegments>().Count);
        Assert.Null(rig.Ledgers.Of("cam1", "main").Failure);
        var row = Assert.Single(await rig.Index.FindAsync("cam1", "main", feed.Start, feed.Now, CancellationToken.None));
        Assert.True(row.Closed);
        Assert.Equal(110, row.LastSequence);
        var gap = Assert.Single(await rig.Index.GapsAsync("cam1", "main", feed.Start, feed.Now, CancellationToken.None));
        Assert.Equal((GapCause.RecorderDown, recordedUntil), (gap.Cause, gap.From));
        Assert.Equal(0.8, (gap.To - gap.From).TotalSeconds, 0.05);

        // Begun again, the rest up to there is a gap of its own.
        Directory.Delete(file);
        File.Move(file + ".away", file);
        feed.Append(30);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(10);
        await rig.WrittenAsync("cam1", feed);
        var gaps = await rig.Index.GapsAsync("cam1", "main", feed.Start, feed.Now, CancellationToken.None);
        Assert.Equal([GapCause.RecorderDown, GapCause.Disabled], gaps.Select(g => g.Cause));
        Assert.Equal(gaps[0].To, gaps[1].From);
    }

    [Fact]
    public async Task A_stream_whose_folder_cannot_be_read_is_recorded_anew_and_the_others_go_on()
    {
        await using var rig = await new RecorderRig().StartAsync();
        var footage = await Footage.LoadAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", footage, DateTimeOffset.UtcNow.AddHours(-1));
        using var other = new CameraFeed(rig.Logs, "cam2", footage, DateTimeOffset.UtcNow.AddHours(-1));
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        await rig.RecordAsync("cam2", segmentSeconds: 600);
        other.Append(60);
        await rig.WrittenAsync("cam2", other);
        await rig.StopAsync();

        // A folder where the note should be: as good as no permission, and root is not stopped by those.
        string note = Directory.CreateDirectory(rig.Layout.Main.CurrentOf("cam1", "main")).FullName;
        await rig.StartAsync();
        other.Append(60);
        await rig.WrittenAsync("cam2", other);

        Directory.Delete(note);
        feed.Append(60);
        await rig.WrittenAsync("cam1", feed);
    }

    internal static async Task FeedAsync(CameraFeed feed, CancellationToken cancellationToken)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!cancellationToken.IsCancellationRequested)
        {
            feed.Append(1);     // four times real time
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
