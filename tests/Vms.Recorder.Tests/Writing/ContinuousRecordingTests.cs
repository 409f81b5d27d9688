using Vms.Codecs;
using Vms.Containers;
using Vms.Hosting.Events;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Processes;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Writing;

public sealed class ContinuousRecordingTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 11, 59, 30, TimeSpan.Zero);

    [Fact]
    public async Task Every_frame_is_recorded_once_across_segment_cuts_and_every_segment_decodes()
    {
        var postgres = await PrivatePostgres.SharedAsync();
        await using var rig = await new RecorderRig(await postgres.CreateDatabaseAsync()).StartAsync();
        var footage = await Footage.LoadAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", footage, s_start);
        await rig.RecordAsync("cam1", segmentSeconds: 10);

        feed.Append(45 * Footage.FramesPerSecond);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");
        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), 0, feed.Next);
        var files = rig.Files("cam1");
        Assert.InRange(files.Count, 4, 6);
        int decoded = 0;
        foreach (string file in files)
        {
            await ArchiveJudge.AssertDecodesAsync(file);
            decoded += await ArchiveJudge.DecodedFramesAsync(file);
        }

        Assert.Equal(feed.Next, decoded);
        rig.AssertChainedAndSigned("cam1");
        string said = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-show_entries", "format_tags", "-of", "default=nw=1", files[0]]);
        Assert.Contains("TAG:title=Camera cam1", said, StringComparison.Ordinal);
        Assert.Contains("TAG:date=2026-03-01T11:59:30.000Z", said, StringComparison.Ordinal);
        Assert.Contains("TAG:camera_id=cam1", said, StringComparison.Ordinal);

        await Eventually.TrueAsync(() => rig.Get<Vms.Recorder.Archive.IndexJournal>().Count == 0);
        var rows = await rig.Index.FindAsync("cam1", "main", s_start, feed.Now, CancellationToken.None);
        Assert.Equal(files, rows.Select(r => r.Path));
        Assert.All(rows, r => Assert.True(r.Closed));
        Assert.Equal(s_start, rows[0].From);
        Assert.Equal(feed.Now, rows[^1].To);
        long sequence = 1;
        foreach (var row in rows)
        {
            Assert.Equal(sequence, row.FirstSequence);
            sequence = row.LastSequence + 1;
            Assert.True(GopTable.TryDecode(row.Gops.Span, out var fragments));
            Assert.Equal(row.LastSequence - row.FirstSequence + 1, fragments.Sum(f => f.SampleCount));
            Assert.Equal(new FileInfo(row.Path).Length, fragments[^1].EndOffset);
            Assert.True(fragments[0].StartsWithKeyframe);
            Assert.Equal(footage.Track, row.Tracks[0]);
        }

        Assert.Empty(await rig.Index.GapsAsync("cam1", "main", s_start, feed.Now, CancellationToken.None));
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(30, true)]
    public async Task While_a_new_camera_is_being_connected_nothing_is_lost_but_one_that_is_away_is(int seconds, bool isAway)
    {
        var postgres = await PrivatePostgres.SharedAsync();
        await using var rig = await new RecorderRig(await postgres.CreateDatabaseAsync()).StartAsync();
        await SwitchOnAsync(rig);
        var began = UnixTime.FromMicroseconds(rig.Ledgers.Of("cam1", "main").Written.EndUs);
        using var feed = await ConnectAsync(rig, began.AddSeconds(seconds));
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");

        var gaps = await rig.Index.GapsAsync("cam1", "main", began.AddMinutes(-1), feed.Now, CancellationToken.None);
        var told = ToldEvents.Take(rig.Get<EventOutbox>()).Select(e => e.Type);
        Assert.Equal(isAway ? [GapCause.CameraOffline] : [], gaps.Select(g => g.Cause));
        Assert.Equal(isAway ? ["recording.gap"] : [], told);
        var ledger = rig.Ledgers.Of("cam1", "main");
        Assert.Equal(2, ledger.RecordedSeconds, 0.04);
        Assert.Equal(isAway ? seconds : 0, ledger.LostSeconds(GapCause.CameraOffline), 0.1);
    }

    [Fact]
    public async Task A_recorder_that_was_restarted_before_the_first_picture_takes_nothing_for_connecting()
    {
        var postgres = await PrivatePostgres.SharedAsync();
        await using var rig = await new RecorderRig(await postgres.CreateDatabaseAsync()).StartAsync();
        await SwitchOnAsync(rig);
        await rig.StopAsync();
        await rig.StartAsync();
        var began = UnixTime.FromMicroseconds(rig.Ledgers.Of("cam1", "main").Written.EndUs);
        using var feed = await ConnectAsync(rig, began.AddSeconds(4));
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");
        Assert.Equal([GapCause.CameraOffline], (await rig.Index.GapsAsync("cam1", "main", began.AddMinutes(-1), feed.Now, CancellationToken.None)).Select(g => g.Cause));
        Assert.Equal(["recording.gap"], ToldEvents.Take(rig.Get<EventOutbox>()).Select(e => e.Type));
    }

    [Fact]
    public async Task A_camera_of_which_another_stream_was_recorded_is_no_new_one()
    {
        var postgres = await PrivatePostgres.SharedAsync();
        await using var rig = await new RecorderRig(await postgres.CreateDatabaseAsync()).StartAsync();
        using (var small = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), TimeProvider.System.GetUtcNow(), stream: "sub"))
        {
            await rig.RecordAsync("cam1", adjust: spec => spec.Stream = "sub");
            small.Append(50);
            await Eventually.TrueAsync(() => rig.Ledgers.Of("cam1", "sub").Written.LastSequence >= small.Log.NextSequence - 1);
            await rig.Recordings.StopAsync("cam1", "sub", 50, CancellationToken.None);
        }

        await SwitchOnAsync(rig, generation: 60);
        var began = UnixTime.FromMicroseconds(rig.Ledgers.Of("cam1", "main").Written.EndUs);
        using var feed = await ConnectAsync(rig, began.AddSeconds(4));
        await rig.WrittenAsync("cam1", feed);
        Assert.Equal([GapCause.CameraOffline], (await rig.Index.GapsAsync("cam1", "main", began.AddMinutes(-1), feed.Now, CancellationToken.None)).Select(g => g.Cause));
    }

    [Fact]
    public async Task An_interruption_is_a_gap_with_its_cause_and_the_books_balance()
    {
        var postgres = await PrivatePostgres.SharedAsync();
        await using var rig = await new RecorderRig(await postgres.CreateDatabaseAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), s_start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(60);
        feed.Interrupt(TimeSpan.FromSeconds(7), GapCause.CameraOffline, restartClock: true);
        feed.Append(50);
        feed.Interrupt(TimeSpan.FromSeconds(1), GapCause.PacketLoss, restartClock: false);
        feed.Append(50);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");

        var gaps = await rig.Index.GapsAsync("cam1", "main", s_start, feed.Now, CancellationToken.None);
        var rows = await rig.Index.FindAsync("cam1", "main", s_start, feed.Now, CancellationToken.None);
        Assert.Equal([GapCause.CameraOffline, GapCause.PacketLoss], gaps.Select(g => g.Cause));
        Assert.Equal(7.6, (gaps[0].To - gaps[0].From).TotalSeconds, 0.05);
        Assert.Equal(1.0, (gaps[1].To - gaps[1].From).TotalSeconds, 0.05);
        Assert.Equal(2, rows.Count);    // a short hole with a continuing clock needs no new segment

        var ledger = rig.Ledgers.Of("cam1", "main");
        double wall = (feed.Now - s_start).TotalSeconds;
        double lost = Enum.GetValues<GapCause>().Sum(ledger.LostSeconds);
        Assert.Equal(wall, ledger.RecordedSeconds + lost, 0.04);
        foreach (string file in rig.Files("cam1"))
        {
            await ArchiveJudge.AssertDecodesAsync(file);
        }
    }

    /// <summary>Of a camera that has sent nothing yet.</summary>
    private static async Task SwitchOnAsync(RecorderRig rig, long generation = 1)
    {
        using var log = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), s_start);
        await rig.RecordAsync("cam1", segmentSeconds: 600, adjust: spec => spec.Generation = generation);
    }

    private static async Task<CameraFeed> ConnectAsync(RecorderRig rig, DateTimeOffset at)
    {
        var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), at);
        feed.Append(50);
        return feed;
    }
}
