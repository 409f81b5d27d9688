using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Recordings;

namespace Vms.Recorder.Tests.Recordings;

public sealed class RecordingScheduleTests
{
    private const uint Monday = 1;
    private const uint EveryDay = 127;
    private const uint Sunday = 64;

    [Fact]
    public void A_span_beats_the_mode_and_ends_when_its_minute_begins()
    {
        var schedule = Schedule("off", "", Entry(Monday, 8 * 60, 18 * 60, "continuous"));
        Assert.Equal(RecordingMode.Off, At(schedule, "2026-11-23T07:59:59.999Z"));
        Assert.Equal(RecordingMode.Continuous, At(schedule, "2026-11-23T08:00:00Z"));
        Assert.Equal(RecordingMode.Continuous, At(schedule, "2026-11-23T17:59:59.999Z"));
        Assert.Equal(RecordingMode.Off, At(schedule, "2026-11-23T18:00:00Z"));
        Assert.Equal(RecordingMode.Off, At(schedule, "2026-11-24T12:00:00Z"));
    }

    [Fact]
    public void A_span_over_midnight_belongs_to_the_day_it_begins_on()
    {
        var schedule = Schedule("motion", "", Entry(Sunday, 22 * 60, 6 * 60, "event"));
        Assert.Equal(RecordingMode.Motion, At(schedule, "2026-11-22T05:00:00Z"));
        Assert.Equal(RecordingMode.Event, At(schedule, "2026-11-22T23:00:00Z"));
        Assert.Equal(RecordingMode.Event, At(schedule, "2026-11-23T05:59:00Z"));
        Assert.Equal(RecordingMode.Motion, At(schedule, "2026-11-23T06:00:00Z"));
        Assert.Equal(RecordingMode.Motion, At(schedule, "2026-11-23T23:00:00Z"));
    }

    [Fact]
    public void Where_two_overlap_the_later_one_in_the_list_counts()
    {
        var schedule = Schedule("off", "", Entry(EveryDay, 0, 1440, "continuous"), Entry(Monday, 12 * 60, 13 * 60, "off"));
        Assert.Equal(RecordingMode.Continuous, At(schedule, "2026-11-23T11:59:00Z"));
        Assert.Equal(RecordingMode.Off, At(schedule, "2026-11-23T12:30:00Z"));
        Assert.Equal(RecordingMode.Continuous, At(schedule, "2026-11-24T12:30:00Z"));
        Assert.False(schedule.IsContinuous);
        Assert.True(Schedule("continuous", "", Entry(Monday, 0, 60, "continuous")).IsContinuous);
        Assert.False(Schedule("off", "", Entry(Monday, 0, 60, "off")).WantsAnything);
        Assert.True(Schedule("off", "", Entry(Monday, 0, 60, "event")).WantsAnything);
    }

    [Fact]
    public void Times_are_wall_clock_of_the_zone_also_when_it_changes_to_and_from_daylight_saving()
    {
        // 2026-03-29: 02:00 is 03:00, at 01:00 UTC. 2026-10-25: 03:00 is 02:00 again, at 01:00 UTC.
        var schedule = Schedule("off", "Europe/Berlin", Entry(Sunday, (2 * 60) + 30, (3 * 60) + 30, "continuous"));
        Assert.Equal(RecordingMode.Off, At(schedule, "2026-03-29T00:59:00Z"));          // 01:59
        Assert.Equal(RecordingMode.Continuous, At(schedule, "2026-03-29T01:00:00Z"));   // 03:00: the half hour before does not exist
        Assert.Equal(RecordingMode.Off, At(schedule, "2026-03-29T01:30:00Z"));          // 03:30

        Assert.Equal(RecordingMode.Off, At(schedule, "2026-10-25T00:29:00Z"));          // 02:29
        Assert.Equal(RecordingMode.Continuous, At(schedule, "2026-10-25T00:30:00Z"));   // 02:30, the first time
        Assert.Equal(RecordingMode.Off, At(schedule, "2026-10-25T01:00:00Z"));          // 02:00 again
        Assert.Equal(RecordingMode.Continuous, At(schedule, "2026-10-25T01:30:00Z"));   // 02:30, the second time
        Assert.Equal(RecordingMode.Continuous, At(schedule, "2026-10-25T02:29:00Z"));   // 03:29
        Assert.Equal(RecordingMode.Off, At(schedule, "2026-10-25T02:30:00Z"));

        // Noon is noon in summer and in winter.
        var noon = Schedule("off", "Europe/Berlin", Entry(EveryDay, 720, 721, "continuous"));
        Assert.Equal(RecordingMode.Continuous, At(noon, "2026-07-01T10:00:00Z"));
        Assert.Equal(RecordingMode.Continuous, At(noon, "2026-12-01T11:00:00Z"));
    }

    [Fact]
    public void A_zone_that_the_system_does_not_know_is_taken_as_utc_and_said()
    {
        var schedule = RecordingSchedule.Of(
            new RecordingSpec { Mode = "off", TimeZone = "Mars/Olympus", Schedule = { Entry(EveryDay, 60, 120, "motion") } }, out bool known);
        Assert.False(known);
        Assert.Equal(RecordingMode.Motion, At(schedule, "2026-11-23T01:30:00Z"));
    }

    private static RecordingSchedule Schedule(string mode, string zone, params ScheduleEntry[] entries)
    {
        var schedule = RecordingSchedule.Of(new RecordingSpec { Mode = mode, TimeZone = zone, Schedule = { entries } }, out bool known);
        Assert.True(known);
        return schedule;
    }

    private static ScheduleEntry Entry(uint days, int from, int to, string mode) => new() { Days = days, FromMinute = from, ToMinute = to, Mode = mode };

    private static RecordingMode At(RecordingSchedule schedule, string time) =>
        schedule.ModeAt(UnixTime.ToMicroseconds(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)));
}
