using Vms.Codecs;
using Vms.Recorder.Tests.Support;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Writing;

public sealed class WallClockTests
{
    private static readonly DateTimeOffset s_start = new(2026, 10, 25, 2, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task After_a_step_back_both_passes_are_there_in_recording_order()
    {
        var postgres = await PrivatePostgres.SharedAsync();
        await using var rig = await new RecorderRig(await postgres.CreateDatabaseAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), s_start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(500);
        feed.StepClock(TimeSpan.FromSeconds(-15));
        feed.Append(500);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");

        var rows = await rig.Index.FindAsync("cam1", "main", s_start, s_start.AddMinutes(1), CancellationToken.None);
        Assert.Equal(2, rows.Count);
        Assert.True(rows[0].LastSequence < rows[1].FirstSequence);
        Assert.Equal(s_start.AddSeconds(5), rows[1].From);
        Assert.True(rows[1].From < rows[0].To);
        Assert.Equal(rows.Select(r => r.Path), rig.Files("cam1"));
        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), 0, feed.Next);
        Assert.Empty(await rig.Index.GapsAsync("cam1", "main", s_start, feed.Now, CancellationToken.None));
    }

    [Fact]
    public async Task Two_gaps_that_begin_at_the_same_time_because_the_clock_was_set_back_are_both_booked()
    {
        var postgres = await PrivatePostgres.SharedAsync();
        await using var rig = await new RecorderRig(await postgres.CreateDatabaseAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), s_start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(100);
        feed.Interrupt(TimeSpan.FromSeconds(10), GapCause.CameraOffline, restartClock: true);
        feed.Append(25);
        feed.StepClock(TimeSpan.FromSeconds(-12));
        feed.Append(25);
        Assert.Equal(s_start.AddSeconds(4), feed.Now);
        feed.Interrupt(TimeSpan.FromSeconds(20), GapCause.CameraOffline, restartClock: true);
        feed.Append(25);
        await rig.WrittenAsync("cam1", feed);
        var gaps = await rig.Index.GapsAsync("cam1", "main", s_start, feed.Now, CancellationToken.None);
        Assert.Equal([10, 20], gaps.Select(g => Math.Round((g.To - g.From).TotalSeconds, 3)).Order());
        Assert.All(gaps, g => Assert.Equal(s_start.AddSeconds(4), g.From));
    }

    [Fact]
    public async Task A_step_forward_is_a_gap_of_its_length()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), s_start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(100);
        feed.StepClock(TimeSpan.FromHours(1));
        feed.Append(100);
        await rig.WrittenAsync("cam1", feed);
        var gap = Assert.Single(await rig.Index.GapsAsync("cam1", "main", s_start, feed.Now, CancellationToken.None));
        Assert.Equal(GapCause.ClockStep, gap.Cause);
        Assert.Equal(3600, (gap.To - gap.From).TotalSeconds, 0.05);
        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), 0, feed.Next);
    }

    [Theory]
    [InlineData(-3)]
    [InlineData(600)]
    public async Task A_step_within_a_GOP_takes_effect_with_the_next_keyframe_and_costs_no_frame(int seconds)
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), s_start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(110);
        feed.StepClock(TimeSpan.FromSeconds(seconds));
        feed.Append(100);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");
        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), 0, feed.Next);
        var rows = await rig.Index.FindAsync("cam1", "main", s_start, feed.Now.AddMinutes(1), CancellationToken.None);
        Assert.Equal(2, rows.Count);
        Assert.Equal(s_start.AddSeconds(5), rows[0].To);
        Assert.Equal(s_start.AddSeconds(5 + seconds), rows[1].From);
    }

    [Fact]
    public async Task Going_on_after_a_restart_does_not_depend_on_the_wall_clock()
    {
        await using var rig = await new RecorderRig().StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), s_start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(500);
        feed.StepClock(TimeSpan.FromDays(-3));
        feed.Append(110);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopAsync();
        feed.Append(40);
        await rig.StartAsync();
        await rig.WrittenAsync("cam1", feed);
        ArchiveJudge.AssertEveryFrameOnce(rig.Counters("cam1"), 0, feed.Next);
        Assert.Equal(2, rig.Files("cam1").Count);
    }
}
