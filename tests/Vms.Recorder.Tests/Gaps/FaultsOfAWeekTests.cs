using Vms.Recorder.Tests.Support;

namespace Vms.Recorder.Tests.Gaps;

public sealed class FaultsOfAWeekTests
{
    private static readonly TimeSpan s_frame = TimeSpan.FromSeconds(1) / Footage.FramesPerSecond;

    [Fact]
    public Task Whatever_goes_wrong_on_a_day_what_is_recorded_and_what_is_booked_are_the_wall_time_to_less_than_a_frame() => BalancesAsync(days: 1);

    /// <summary><c>./dev soak FaultsOfAWeek</c>: some six minutes.</summary>
    [Fact(Explicit = true)]
    public Task Whatever_goes_wrong_in_a_week_what_is_recorded_and_what_is_booked_are_the_wall_time_to_less_than_a_frame() => BalancesAsync(days: 7);

    private static async Task BalancesAsync(int days)
    {
        await using var week = await FaultsOfAWeek.StartAsync(seed: 20261130);
        for (int day = 0; day < days; day++)
        {
            await week.DayAsync(day);
        }

        await week.EndAsync();

        var gaps = await week.GapsAsync();
        Assert.Equal(0, week.Recorded()[0]);
        var recorded = week.Recorded().Count * s_frame;
        var booked = new TimeSpan(gaps.Sum(g => g.Length.Ticks));
        var wall = week.End - week.Begin + week.SetBack;
        var off = recorded + booked - wall;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"measured: {days} days, {week.Story.Count} faults, recorded {recorded} + booked {booked} - wall time {wall} = {off.TotalMilliseconds} ms; "
            + string.Join(", ", gaps.GroupBy(g => g.Cause).Select(g => $"{g.Key} {g.Count()}")));
        Assert.True(off.Duration() < s_frame, $"the books are {off} off after:\n{string.Join('\n', week.Story)}\n{string.Join('\n', gaps)}\n{string.Join('\n', week.Runs())}");
        Assert.DoesNotContain(gaps, g => g.Cause == "Unaccounted");
        string[] causes = ["CameraOffline", "ClockStep", "Disabled", "DiskFull", "MediaRestart", "PacketLoss", "RecorderDown", "RecorderOverrun"];
        Assert.Equal(causes, gaps.Select(g => g.Cause).Distinct().Order(StringComparer.Ordinal));
        week.AssertChained();
    }
}
