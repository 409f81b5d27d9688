using Vms.Codecs;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Triggers;
using Vms.Recorder.Writing;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Writing;

public sealed class TriggeredRecordingTests
{
    /// <summary>A minute ago, at a whole second.</summary>
    private readonly DateTimeOffset _start = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 60);

    [Fact]
    public async Task Motion_is_recorded_from_the_keyframe_before_its_pre_roll_to_its_post_roll_and_nothing_else()
    {
        await using var rig = await (await RigAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start);
        await RecordAsync(rig, "motion", preRoll: 5, postRoll: 4);
        feed.Append(Frames(20));
        await SettleAsync(rig);
        Assert.Empty(rig.Files("cam1"));
        Assert.Equal(("waiting", "noTrigger"), StateOf(rig));

        await HappensAsync(rig, RecordingClass.Motion, 19.5);       // wanted from 14.5 to 23.5; keyframes stand at whole seconds
        await SettleAsync(rig);
        Assert.Equal(("recording", ""), StateOf(rig));
        Assert.Equal("motion", rig.StatusOf("cam1")!.RecordingClass);
        feed.Append(Frames(20));
        await SettleAsync(rig);
        Assert.Equal(("waiting", "noTrigger"), StateOf(rig));
        Assert.Equal("", rig.StatusOf("cam1")!.RecordingClass);
        await rig.StopRecordingAsync("cam1");

        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), Frames(14), FirstAt(23.5));
        await ArchiveJudge.AssertDecodesAsync(Assert.Single(rig.Files("cam1")));
        rig.AssertChainedAndSigned("cam1");
        Assert.Equal([("NoTrigger", 0d, 14d), ("NoTrigger", 23.52, 39.96)], await GapsAsync(rig));
        Assert.Equal(RecordingClass.Motion, Assert.Single(await RowsAsync(rig)).Class);
        AssertBalanced(rig, 39.96);
    }

    [Fact]
    public async Task What_goes_on_is_recorded_until_it_is_said_to_be_over_and_its_post_roll_is()
    {
        await using var rig = await (await RigAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start);
        await RecordAsync(rig, "motion", preRoll: 2, postRoll: 3);
        feed.Append(Frames(10));
        await GoesOnAsync(rig, "a", from: 9, until: 69);            // from 7
        feed.Append(Frames(10));
        await SettleAsync(rig);
        await GoesOnAsync(rig, "a", from: 9, until: 89);
        await HappensAsync(rig, RecordingClass.Motion, 19);
        Assert.Equal(("recording", ""), StateOf(rig));
        await GoesOnAsync(rig, "a", from: 9, until: 21);            // to 24
        await GoesOnAsync(rig, "a", from: 9, until: 21);            // and heard of twice
        feed.Append(Frames(15));
        await SettleAsync(rig);
        Assert.Equal(("waiting", "noTrigger"), StateOf(rig));
        await rig.StopRecordingAsync("cam1");

        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), Frames(7), Frames(24));
        AssertBalanced(rig, 34.96);
    }

    [Fact]
    public async Task What_is_over_before_the_recorder_hears_of_it_is_recorded_no_longer_than_it_was()
    {
        await using var rig = await (await RigAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start);
        await RecordAsync(rig, "motion", preRoll: 2, postRoll: 3);
        feed.Append(Frames(25));
        await SettleAsync(rig);
        await rig.Recordings.TriggerAsync([GoesOn("a", from: 9, until: 69), GoesOn("a", from: 9, until: 12)]);
        await SettleAsync(rig);
        await rig.StopRecordingAsync("cam1");

        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), Frames(7), Frames(15));
    }

    [Fact]
    public async Task What_happens_is_on_disk_at_once_and_what_nobody_waits_for_is_not_written_each_time()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start);
        await RecordAsync(rig, "motion", preRoll: 2, postRoll: 3);
        await rig.Recordings.StartAsync(
            new RecordingSpec { CameraId = "cam2", Stream = "main", Mode = "continuous", Generation = 1, CameraName = "Gate" }, CancellationToken.None);
        await GoesOnAsync(rig, "a", from: 9, until: 69);
        byte[] begun = await BookAsync();       // encrypted: other bytes whenever it is saved
        await GoesOnAsync(rig, "a", from: 9, until: 69);
        await rig.Recordings.TriggerAsync([GoesOn("b", from: 9, until: 69) with { CameraId = "cam2" }]);
        Assert.Equal(begun, await BookAsync());
        await GoesOnAsync(rig, "a", from: 9, until: 12);
        byte[] ended = await BookAsync();
        Assert.NotEqual(begun, ended);

        // That it goes on for longer is there a little later, and at the end in any case.
        await GoesOnAsync(rig, "a", from: 9, until: 89);
        await rig.StopAsync();
        Assert.NotEqual(ended, await BookAsync());

        Task<byte[]> BookAsync() => File.ReadAllBytesAsync(Path.Combine(rig.Data, "state", "triggers.state"));
    }

    [Fact]
    public async Task A_pre_roll_that_reaches_into_what_is_recorded_goes_on_there_without_a_gap()
    {
        await using var rig = await (await RigAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start);
        await RecordAsync(rig, "motion", preRoll: 5, postRoll: 2);
        feed.Append(Frames(12));
        await HappensAsync(rig, RecordingClass.Motion, 10);         // 5 to 12
        feed.Append(Frames(4));
        await SettleAsync(rig);
        Assert.Equal(("waiting", "noTrigger"), StateOf(rig));
        await HappensAsync(rig, RecordingClass.Motion, 15.5);       // 10.5 to 17.5
        feed.Append(Frames(4));
        await SettleAsync(rig);
        await HappensAsync(rig, RecordingClass.Motion, 23);         // 18 to 25: keyframe at 18, behind what is recorded
        feed.Append(Frames(10));
        await SettleAsync(rig);
        await rig.StopRecordingAsync("cam1");

        var counters = rig.Counters("cam1");
        ArchiveJudge.AssertEveryFrameOnce(counters[..(FirstAt(17.5) - Frames(5))], Frames(5), FirstAt(17.5));
        ArchiveJudge.AssertEveryFrameOnce(counters[(FirstAt(17.5) - Frames(5))..], Frames(18), Frames(25));
        Assert.Equal([("NoTrigger", 0d, 5d), ("NoTrigger", 17.52, 18d), ("NoTrigger", 25d, 29.96)], await GapsAsync(rig));
        foreach (string file in rig.Files("cam1"))
        {
            await ArchiveJudge.AssertDecodesAsync(file);
        }

        AssertBalanced(rig, 29.96);
    }

    [Fact]
    public async Task Each_mode_waits_for_its_own_and_a_segment_says_why_it_was_recorded()
    {
        await using var rig = await (await RigAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start);
        await RecordAsync(rig, "event", preRoll: 0, postRoll: 2);
        feed.Append(Frames(5));
        await HappensAsync(rig, RecordingClass.Motion, 4);          // nothing for this mode
        await HappensAsync(rig, RecordingClass.Event, 8);           // 8 to 10
        feed.Append(Frames(10));
        await SettleAsync(rig);
        await RecordAsync(rig, "motion", preRoll: 0, postRoll: 2);  // where an event counts, too
        await HappensAsync(rig, RecordingClass.Motion, 20);         // 20 to 24, of which
        await HappensAsync(rig, RecordingClass.Motion, 22);
        await HappensAsync(rig, RecordingClass.Event, 21);          // 21 to 23 is an event
        feed.Append(Frames(15));
        await SettleAsync(rig);
        await rig.StopRecordingAsync("cam1");

        Assert.Equal(
            [(RecordingClass.Event, 8d, 10d), (RecordingClass.Motion, 20d, 21d), (RecordingClass.Event, 21d, 23d), (RecordingClass.Motion, 23d, 24d)],
            (await RowsAsync(rig)).Select(r => (r.Class, Seconds(r.From), Seconds(r.To))));

        // From the files alone it is the same.
        await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
        await using (var database = Npgsql.NpgsqlDataSource.Create(rig.Get<Npgsql.NpgsqlDataSource>().ConnectionString))
        {
            await using var forget = database.CreateCommand("delete from recorder.segment");
            await forget.ExecuteNonQueryAsync();
        }

        await rig.Get<IndexRebuild>().RunAsync(everyFile: true, CancellationToken.None);
        Assert.Equal(
            [RecordingClass.Event, RecordingClass.Motion, RecordingClass.Event, RecordingClass.Motion], (await RowsAsync(rig)).Select(r => r.Class));
    }

    [Fact]
    public async Task The_schedule_switches_at_its_minute_and_off_is_off_for_a_pre_roll_too()
    {
        var minute = DateTimeOffset.FromUnixTimeSeconds(_start.ToUnixTimeSeconds() / 60 * 60);
        await using var rig = await (await RigAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(gop: 50), minute.AddSeconds(-29));
        int first = (int)minute.TimeOfDay.TotalMinutes;
        await rig.RecordAsync("cam1", segmentSeconds: 600, adjust: s =>
        {
            s.Mode = "off";
            s.PreRollSeconds = 20;
            s.PostRollSeconds = 5;
            s.Schedule.Add(new ScheduleEntry { Days = 127, FromMinute = first, ToMinute = (first + 1) % 1440, Mode = "continuous" });
            s.Schedule.Add(new ScheduleEntry { Days = 127, FromMinute = (first + 2) % 1440, ToMinute = (first + 3) % 1440, Mode = "motion" });
        });
        feed.Append(Frames(15));
        await SettleAsync(rig);
        Assert.Equal(("waiting", "schedule"), StateOf(rig));
        feed.Append(Frames(145));
        await SettleAsync(rig);
        Assert.Equal(("waiting", "noTrigger"), StateOf(rig));
        await rig.Recordings.TriggerAsync([new Happening("cam1", RecordingClass.Motion, At(minute, 130), At(minute, 130))]);    // from 110, which is off
        feed.Append(Frames(20));
        await SettleAsync(rig);
        await rig.StopRecordingAsync("cam1");

        // Keyframes at odd seconds: the ones before the minutes are needed, also where their time is on the books.
        var gaps = await rig.Index.GapsAsync("cam1", "main", minute.AddHours(-1), minute.AddHours(1), CancellationToken.None);
        Assert.Equal(
            [(GapCause.Schedule, -29d, -1d), (GapCause.Schedule, 60d, 120d), (GapCause.NoTrigger, 135d, 150.96)],
            gaps.Select(g => (g.Cause, (g.From - minute).TotalSeconds, (g.To - minute).TotalSeconds)));
        var ledger = rig.Ledgers.Of("cam1", "main");
        Assert.Equal(77, ledger.RecordedSeconds, 0.1);
        Assert.Equal(0, ledger.LostSecondsToday);
    }

    [Fact]
    public async Task A_restart_while_nothing_is_wanted_still_finds_the_pre_roll_and_one_in_a_window_goes_on()
    {
        await using var rig = await RigAsync();
        await rig.StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start);
        await RecordAsync(rig, "motion", preRoll: 5, postRoll: 8);
        feed.Append(Frames(10));
        await SettleAsync(rig);
        await rig.StopAsync();
        feed.Append(Frames(2));
        await rig.StartAsync();
        await HappensAsync(rig, RecordingClass.Motion, 11.9);       // 6.9 to 19.9, most of it from before the restart
        feed.Append(Frames(3));
        await SettleAsync(rig);
        await rig.StopAsync();                                      // in the post-roll
        feed.Append(Frames(2));
        await rig.StartAsync();
        feed.Append(Frames(8));
        await SettleAsync(rig);
        await rig.StopRecordingAsync("cam1");

        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), Frames(6), FirstAt(19.9));
        Assert.Single(rig.Files("cam1"));
        rig.AssertChainedAndSigned("cam1");
    }

    [Fact]
    public async Task A_manual_recording_needs_no_mode_has_a_pre_roll_and_can_be_ended()
    {
        await using var rig = await (await RigAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start);
        await rig.Recordings.StartAsync(
            new RecordingSpec { CameraId = "cam1", Stream = "main", Mode = "off", Generation = 1, CameraName = "Gate" }, CancellationToken.None);
        feed.Append(Frames(90));        // a busy machine may take a while to get here
        Assert.False(rig.StatusOf("cam1")!.Runs);
        Assert.Null(await rig.Recordings.StartManualAsync(new StartManualRequest { CameraId = "cam2", Stream = "main", Seconds = 9 }));
        var wanted = new StartManualRequest { CameraId = "cam1", Stream = "main", Seconds = 600, PreRollSeconds = 20, Reason = "a fight", By = "ada" };
        var before = TimeProvider.System.GetUtcNow();
        Assert.NotNull(await rig.Recordings.StartManualAsync(wanted));
        var after = TimeProvider.System.GetUtcNow();
        await Eventually.TrueAsync(() => StateOf(rig).State == "recording");
        var status = rig.StatusOf("cam1")!;
        Assert.True(status.Runs);
        Assert.Equal(("manual", "a fight", "ada", "off"), (status.RecordingClass, status.ManualReason, status.ManualBy, status.Mode));
        Assert.InRange(status.ManualUntilUnixMs, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + 590_000, long.MaxValue);

        // Over a restart, too.
        await rig.StopAsync();
        await rig.StartAsync();
        feed.Append(Frames(1));
        await rig.WrittenAsync("cam1", feed);
        Assert.False(await rig.Recordings.StopManualAsync("cam1", "sub"));
        Assert.True(await rig.Recordings.StopManualAsync("cam1", "main"));
        Assert.False(await rig.Recordings.StopManualAsync("cam1", "main"));
        Assert.Equal(0, rig.StatusOf("cam1")!.ManualUntilUnixMs);
        await Eventually.TrueAsync(() => StateOf(rig).State == "stopped" && !rig.Get<OpenSegments>().Of("cam1", "main", false).Any());

        var counters = rig.Counters("cam1");
        Assert.InRange(counters[0], Frames((before - _start).TotalSeconds - 21), Frames((after - _start).TotalSeconds - 20));
        Assert.All(await RowsAsync(rig), r => Assert.Equal(RecordingClass.Manual, r.Class));
        Assert.DoesNotContain(await GapsAsync(rig), g => g.Cause == "CameraOffline");
    }

    [Fact]
    public async Task A_log_that_is_too_small_for_the_pre_roll_gives_what_it_holds_and_says_so()
    {
        await using var rig = await (await RigAsync()).StartAsync();
        var small = new StreamLogOptions { InitialCapacityBytes = 256 << 10, MaxCapacityBytes = 256 << 10 };
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start, small);
        await RecordAsync(rig, "event", preRoll: 60, postRoll: 10);
        for (int i = 0; i < 55; i++)
        {
            feed.Append(Frames(1));
            await SettleAsync(rig);
        }

        await HappensAsync(rig, RecordingClass.Event, 54.5);
        await SettleAsync(rig);
        Assert.Equal("recording", rig.StatusOf("cam1")!.State);
        Assert.Matches(@"^\d+ s of the pre-roll are missing: the stream log holds no more$", rig.StatusOf("cam1")!.Detail);
        await rig.StopRecordingAsync("cam1");
        Assert.Equal(feed.Next - 1, rig.Counters("cam1")[^1]);
        await ArchiveJudge.AssertDecodesAsync(Assert.Single(rig.Files("cam1")));
    }

    [Fact]
    public async Task What_the_camera_did_not_send_is_not_put_down_to_the_schedule()
    {
        await using var rig = await (await RigAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start);
        await RecordAsync(rig, "motion", preRoll: 2, postRoll: 2);
        feed.Append(Frames(5));
        feed.Interrupt(TimeSpan.FromSeconds(10), GapCause.CameraOffline, restartClock: true);
        feed.Append(Frames(5));
        await HappensAsync(rig, RecordingClass.Motion, 16);
        feed.Append(Frames(5));
        await SettleAsync(rig);
        await rig.StopRecordingAsync("cam1");
        Assert.Equal(
            [("NoTrigger", 0d, 4.96), ("CameraOffline", 4.96, 15d), ("NoTrigger", 18d, 24.96)], await GapsAsync(rig));
        AssertBalanced(rig, 24.96);
    }

    [Fact]
    public async Task What_nobody_looked_at_is_booked_as_the_schedule_would_have_had_it_and_not_twice()
    {
        var minute = DateTimeOffset.FromUnixTimeSeconds(_start.ToUnixTimeSeconds() / 60 * 60);
        int first = (int)minute.TimeOfDay.TotalMinutes;
        await using var rig = await RigAsync();
        await rig.StartAsync();
        var small = new StreamLogOptions { InitialCapacityBytes = 256 << 10, MaxCapacityBytes = 256 << 10 };
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), minute.AddSeconds(-10).AddMilliseconds(17), small);
        await rig.RecordAsync("cam1", segmentSeconds: 600, adjust: s =>
        {
            s.Mode = "motion";
            s.Schedule.Add(new ScheduleEntry { Days = 127, FromMinute = first, ToMinute = (first + 1) % 1440, Mode = "off" });
            s.Schedule.Add(new ScheduleEntry { Days = 127, FromMinute = (first + 2) % 1440, ToMinute = (first + 3) % 1440, Mode = "continuous" });
        });
        feed.Append(Frames(5));
        await SettleAsync(rig);
        await rig.Recordings.TriggerAsync([new Happening("cam1", RecordingClass.Motion, At(minute, -8), At(minute, -7))]);
        await SettleAsync(rig);
        for (int i = 0; i < 40; i++)
        {
            feed.Append(Frames(1));
            await SettleAsync(rig);
        }

        await rig.StopAsync();      // in the minute that is off: what was not wanted until then is on the books
        for (int i = 0; i < 175; i++)
        {
            feed.Append(Frames(1));
        }

        await rig.StartAsync();
        await Eventually.TrueAsync(() => rig.StatusOf("cam1")!.Reason == "noTrigger");
        await SettleAsync(rig);
        await rig.StopRecordingAsync("cam1");
        var gaps = (await rig.Index.GapsAsync("cam1", "main", minute.AddHours(-1), minute.AddHours(1), CancellationToken.None))
            .Select(g => (g.Cause, From: (int)Math.Round((g.From - minute).TotalSeconds), To: (int)Math.Round((g.To - minute).TotalSeconds))).ToList();
        Assert.Equal(
            [
                (GapCause.NoTrigger, -10, -9), (GapCause.NoTrigger, -7, 0), (GapCause.Schedule, 0, 60), (GapCause.NoTrigger, 60, 120),
                (GapCause.RecorderDown, 120, 180),
            ],
            gaps.Take(5));
        Assert.All(gaps.Skip(5), g => Assert.Equal(GapCause.NoTrigger, g.Cause));
        Assert.Equal(210, gaps[^1].To);
    }

    [Fact]
    public async Task What_somebody_wanted_by_hand_is_lost_when_nobody_looked_at_it()
    {
        await using var rig = await RigAsync();
        await rig.StartAsync();
        var small = new StreamLogOptions { InitialCapacityBytes = 256 << 10, MaxCapacityBytes = 256 << 10 };
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start, small);
        await rig.Recordings.StartAsync(
            new RecordingSpec { CameraId = "cam1", Stream = "main", Mode = "off", Generation = 1, CameraName = "Gate" }, CancellationToken.None);
        feed.Append(Frames(5));
        var wanted = new StartManualRequest { CameraId = "cam1", Stream = "main", Seconds = 3600, PreRollSeconds = 600, Reason = "a fight", By = "ada" };
        Assert.NotNull(await rig.Recordings.StartManualAsync(wanted));
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();
        for (int i = 0; i < 300; i++)
        {
            feed.Append(Frames(1));
        }

        await rig.StartAsync();
        await rig.WrittenAsync("cam1", feed);
        var gap = Assert.Single(await GapsAsync(rig));
        Assert.Equal(("RecorderDown", 5d), (gap.Cause, gap.From));
        Assert.InRange(rig.Ledgers.Of("cam1", "main").LostSecondsToday, 200, 300);
    }

    [Fact]
    public async Task A_manual_recording_that_ended_while_the_recorder_was_away_is_recorded_from_the_log()
    {
        await using var rig = await RigAsync();
        await rig.StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start);
        await rig.Recordings.StartAsync(
            new RecordingSpec { CameraId = "cam1", Stream = "main", Mode = "off", Generation = 1, CameraName = "Gate" }, CancellationToken.None);
        feed.Append(Frames(50));
        var wanted = new StartManualRequest { CameraId = "cam1", Stream = "main", Seconds = 2, Reason = "a fight", By = "ada" };
        long untilMs = (await rig.Recordings.StartManualAsync(wanted))!.Value;
        await rig.StopAsync();
        while (feed.Now.ToUnixTimeMilliseconds() < untilMs + 5000)
        {
            feed.Append(Frames(1));
        }

        await Eventually.TrueAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() > untilMs);
        await rig.StartAsync();
        Assert.True(rig.StatusOf("cam1")!.Runs);
        await Eventually.TrueAsync(() => StateOf(rig) == ("stopped", "disabled"));
        await SettleAsync(rig);
        await rig.StopRecordingAsync("cam1");
        Assert.False(rig.StatusOf("cam1")!.Runs);
        Assert.InRange(rig.Counters("cam1").Count, Frames(2), Frames(3) + 1);
    }

    [Fact]
    public async Task A_keyframe_many_minutes_before_the_trigger_is_gone_back_to_once()
    {
        await using var rig = await (await RigAsync()).StartAsync();
        var footage = await Footage.LoadAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", footage, _start);
        uint tracks = feed.Log.SetTracks([footage.Track]);
        await RecordAsync(rig, "motion", preRoll: 5, postRoll: 4);
        Append(0, 350);
        await SettleAsync(rig);
        await Eventually.TrueAsync(() => StateOf(rig) == ("waiting", "noTrigger"));
        await HappensAsync(rig, RecordingClass.Motion, 400);        // 395 to 404, which is to come
        Append(350, 420);
        await SettleAsync(rig);
        await Eventually.TrueAsync(() => StateOf(rig) == ("waiting", "noTrigger"));
        await HappensAsync(rig, RecordingClass.Motion, 415);        // behind what is recorded, and still without a keyframe
        await SettleAsync(rig);
        await rig.StopRecordingAsync("cam1");
        var row = (await RowsAsync(rig))[0];
        Assert.Equal(0, Seconds(row.From));
        Assert.InRange(Seconds(row.To), 403, 420);

        void Append(int from, int to)
        {
            for (int second = from; second < to; second++)
            {
                var flags = second == 0 ? SampleFlags.Keyframe : 0;
                feed.Log.Append(new SampleHeader(0, flags, GapCause.None, tracks, second * 90_000L, At(_start, second)), footage.Sample(second == 0 ? 0 : 1).Payload);
            }
        }
    }

    [Fact]
    public async Task A_log_that_is_closed_while_nothing_is_wanted_is_an_outage_of_the_camera()
    {
        await using var rig = await (await RigAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start);
        await RecordAsync(rig, "motion", preRoll: 0, postRoll: 0);
        feed.Append(Frames(10));
        await HappensAsync(rig, RecordingClass.Motion, 3);          // a trigger of no length is a second
        await SettleAsync(rig);
        feed.Log.Close();
        await Eventually.TrueAsync(() => StateOf(rig) == ("waiting", "streamLogMissing"));
        Assert.Equal(GapCause.CameraOffline, rig.Ledgers.Of("cam1", "main").OutageCause);
        await SettleAsync(rig);
        Assert.Equal([("NoTrigger", 0d, 3d), ("NoTrigger", 4d, 9.96)], (await GapsAsync(rig)).Take(2));
        Assert.Equal(Frames(1), rig.Counters("cam1").Count);

        using var next = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), _start.AddSeconds(20));
        next.Append(Frames(5));
        await Eventually.TrueAsync(() => StateOf(rig) == ("waiting", "noTrigger"));
        await SettleAsync(rig);
        await rig.StopRecordingAsync("cam1");
        Assert.Equal(
            [("NoTrigger", 0d, 3d), ("NoTrigger", 4d, 9.96), ("CameraOffline", 9.96, 20d), ("NoTrigger", 20d, 24.96)], await GapsAsync(rig));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 2)]
    public async Task Recorded_and_gaps_are_wall_time_whatever_happens(int seed, int bFrames)
    {
        await using var rig = await RigAsync();
        await rig.StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(bFrames: bFrames), _start);
        var random = new Random(seed);
        string[] modes = ["motion", "event", "continuous", "motion"];
        await RecordAsync(rig, "motion", preRoll: 3, postRoll: 2);
        feed.Append(Frames(1));
        for (int step = 0; step < 60; step++)
        {
            switch (random.Next(8))
            {
                case 0 or 1:
                    await HappensAsync(rig, (RecordingClass)random.Next(1, 3), (feed.Now - _start).TotalSeconds - random.Next(0, 4));
                    break;
                case 2:
                    feed.Interrupt(TimeSpan.FromSeconds(random.Next(1, 12)), GapCause.CameraOffline, restartClock: random.Next(2) == 0);
                    break;
                case 3 when step % 3 == 0:
                    await RecordAsync(rig, modes[random.Next(modes.Length)], random.Next(0, 6), random.Next(0, 6));
                    break;
            }

            feed.Append(random.Next(5, 60));
            await SettleAsync(rig);
        }

        var ledger = rig.Ledgers.Of("cam1", "main");
        await rig.StopRecordingAsync("cam1");
        double lost = Enum.GetValues<GapCause>().Sum(ledger.LostSeconds);
        Assert.Equal((feed.Now - _start).TotalSeconds, ledger.RecordedSeconds + lost, 0.2);
        Assert.InRange(lost, 1, 1000);
        Assert.InRange(ledger.RecordedSeconds, 1, 1000);
        var counters = rig.Counters("cam1");
        Assert.Equal(counters.Distinct().Count(), counters.Count);
        rig.AssertChainedAndSigned("cam1");
        foreach (string file in rig.Files("cam1"))
        {
            await ArchiveJudge.AssertDecodesAsync(file, "error");
        }
    }

    private static async Task<RecorderRig> RigAsync() => new(await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync());

    private static int Frames(double seconds) => (int)(seconds * Footage.FramesPerSecond);

    /// <summary>The first frame that is not older.</summary>
    private static int FirstAt(double seconds) => (int)Math.Ceiling(seconds * Footage.FramesPerSecond);

    private static long At(DateTimeOffset from, double seconds) => UnixTime.ToMicroseconds(from.AddSeconds(seconds));

    private static Task RecordAsync(RecorderRig rig, string mode, int preRoll, int postRoll) => rig.RecordAsync("cam1", segmentSeconds: 600, adjust: s =>
    {
        s.Mode = mode;
        s.PreRollSeconds = preRoll;
        s.PostRollSeconds = postRoll;
    });

    private static (string State, string Reason) StateOf(RecorderRig rig) => (rig.StatusOf("cam1")!.State, rig.StatusOf("cam1")!.Reason);

    /// <summary>What is in the log has been looked at, and what is wanted of it is in a file.</summary>
    private static async Task SettleAsync(RecorderRig rig)
    {
        var drain = rig.Get<DrainLoop>();
        for (int pass = 0; pass < 3; pass++)
        {
            await drain.DoAsync(() => { });
        }

        await Eventually.TrueAsync(() => rig.Get<PoolWriters>().All.All(w => w.Queue.IsEmpty));
    }

    private Task HappensAsync(RecorderRig rig, RecordingClass kind, double at) =>
        rig.Recordings.TriggerAsync([new Happening("cam1", kind, At(_start, at), At(_start, at))]);

    private Task GoesOnAsync(RecorderRig rig, string id, double from, double until) => rig.Recordings.TriggerAsync([GoesOn(id, from, until)]);

    private Happening GoesOn(string id, double from, double until) =>
        new("cam1", RecordingClass.Motion, At(_start, from), At(_start, until), Id: id);

    private double Seconds(DateTimeOffset time) => Math.Round((time - _start).TotalSeconds, 2);

    private async Task<IEnumerable<(string Cause, double From, double To)>> GapsAsync(RecorderRig rig) =>
        (await rig.Index.GapsAsync("cam1", "main", _start, _start.AddHours(1), CancellationToken.None))
        .Select(g => (g.Cause.ToString(), Seconds(g.From), Seconds(g.To)));

    private async Task<IReadOnlyList<SegmentRow>> RowsAsync(RecorderRig rig) =>
        await rig.Index.FindAsync("cam1", "main", _start, _start.AddHours(1), CancellationToken.None);

    private static void AssertBalanced(RecorderRig rig, double wall)
    {
        var ledger = rig.Ledgers.Of("cam1", "main");
        Assert.Equal(wall, ledger.RecordedSeconds + Enum.GetValues<GapCause>().Sum(ledger.LostSeconds), 0.05);
    }
}
