using Vms.Containers;
using Vms.Recorder.Archive;
using Vms.Recorder.Exports;
using Vms.Recorder.Playback;
using Vms.Recorder.Tests.Support;

namespace Vms.Recorder.Tests.Exports;

public sealed class ExportPlanTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    /// <summary>The time in its pictures is counted from its beginning.</summary>
    [Theory]
    [InlineData(60, 60, false)]
    [InlineData(3500, 3500, false)]
    [InlineData(3595, 3595, true)]          // with it the file would be longer than an hour
    [InlineData(1800, 1800.2, false)]
    [InlineData(1800, 1800.3, true)]        // the camera's clock went 300 ms from the wall clock
    [InlineData(1800, 1799.7, true)]
    public void A_file_that_is_encoded_anew_ends_after_an_hour_and_where_the_camera_s_clock_has_gone_astray(double media, double wall, bool ends)
    {
        var first = Run(0, 0);
        Assert.Equal(ends, ExportPlan.Ends(first, Run(media, wall)));
    }

    private static PlannedRun Run(double mediaSeconds, double wallSeconds)
    {
        const int ticks = FragmentEntry.TicksPerSecond;
        var fragment = new FragmentEntry(0, 1000, 0, 10 * ticks, 250, true, UnixTime.ToMicroseconds(s_start.AddSeconds(wallSeconds)));
        return new PlannedRun(Rows.Segment(new ArchiveLayout("pool"), "cam1", 0, closed: true, version: 1), new[] { fragment }, 0, (long)(mediaSeconds * ticks), 0, Continues: true);
    }
}
