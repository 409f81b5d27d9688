namespace Vms.StreamLog.Tests;

public sealed class CapacityMeterTests
{
    [Fact]
    public void A_steady_stream_needs_history_times_bitrate_with_headroom()
    {
        var meter = new CapacityMeter(TimeSpan.FromSeconds(30), TimeSpan.Zero);
        Feed(meter, seconds: 20, bytesPerSample: 20_000, gopSamples: 50);
        AssertNear((30 + 2 * 2 + 5) * 500_000 * 1.25, meter.NeededBytes);
    }

    [Fact]
    public void Pre_roll_counts_when_it_is_longer_than_the_outage_budget()
    {
        var meter = new CapacityMeter(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
        Feed(meter, seconds: 20, bytesPerSample: 20_000, gopSamples: 25);
        AssertNear((60 + 2 * 1 + 5) * 500_000 * 1.25, meter.NeededBytes);
    }

    [Fact]
    public void A_burst_counts_by_its_average_over_ten_seconds_and_is_remembered()
    {
        var meter = new CapacityMeter(TimeSpan.FromSeconds(30), TimeSpan.Zero);
        TimeSpan now = Feed(meter, seconds: 20, bytesPerSample: 20_000, gopSamples: 25);
        now = Feed(meter, seconds: 5, bytesPerSample: 60_000, gopSamples: 25, now);
        Feed(meter, seconds: 30, bytesPerSample: 20_000, gopSamples: 25, now);
        AssertNear((30 + 2 * 1 + 5) * 1_000_000 * 1.25, meter.NeededBytes);
    }

    [Fact]
    public void Sound_and_reordered_pictures_that_step_back_over_a_second_change_nothing()
    {
        var meter = new CapacityMeter(TimeSpan.FromSeconds(30), TimeSpan.Zero);
        for (int i = 0; i < 20 * 25; i++)
        {
            var captured = TimeSpan.FromMilliseconds(i * 40);
            meter.Add(captured, 19_000, keyframe: i % 50 == 0, discontinuity: false);
            meter.Add(captured - TimeSpan.FromMilliseconds(300), 1_000, keyframe: false, discontinuity: false);
        }

        AssertNear((30 + 2 * 2 + 5) * 500_000 * 1.25, meter.NeededBytes);
        Assert.True(meter.IsSettled);
    }

    [Fact]
    public void A_clock_that_is_set_back_begins_another_window()
    {
        var meter = new CapacityMeter(TimeSpan.FromSeconds(30), TimeSpan.Zero);
        Feed(meter, seconds: 20, bytesPerSample: 20_000, gopSamples: 25, TimeSpan.FromDays(20_000));
        Feed(meter, seconds: 5, bytesPerSample: 20_000, gopSamples: 25, TimeSpan.FromDays(-1));
        Assert.False(meter.IsSettled);
        Feed(meter, seconds: 20, bytesPerSample: 20_000, gopSamples: 25, TimeSpan.FromDays(-1) + TimeSpan.FromSeconds(5));
        AssertNear((30 + 2 * 1 + 5) * 500_000 * 1.25, meter.NeededBytes);
    }

    [Fact]
    public void An_hour_without_the_camera_is_no_keyframe_distance()
    {
        var meter = new CapacityMeter(TimeSpan.FromSeconds(30), TimeSpan.Zero);
        TimeSpan now = Feed(meter, seconds: 20, bytesPerSample: 20_000, gopSamples: 25);
        now += TimeSpan.FromHours(1);
        meter.Add(now, 20_000, keyframe: true, discontinuity: true);
        Feed(meter, seconds: 20, bytesPerSample: 20_000, gopSamples: 25, now);
        AssertNear((30 + 2 * 1 + 5) * 500_000 * 1.25, meter.NeededBytes);
    }

    [Fact]
    public void A_camera_that_never_sends_a_keyframe_is_believed_for_a_minute()
    {
        var meter = new CapacityMeter(TimeSpan.FromSeconds(30), TimeSpan.Zero);
        Feed(meter, seconds: 600, bytesPerSample: 2_000, gopSamples: int.MaxValue);
        AssertNear((30 + 2 * 60 + 5) * 50_000 * 1.25, meter.NeededBytes);
    }

    private static TimeSpan Feed(CapacityMeter meter, int seconds, int bytesPerSample, int gopSamples, TimeSpan from = default)
    {
        for (int i = 0; i < seconds * 25; i++)
            meter.Add(from + TimeSpan.FromMilliseconds(i * 40), bytesPerSample, keyframe: i % gopSamples == 0, discontinuity: false);
        return from + TimeSpan.FromSeconds(seconds);
    }

    private static void AssertNear(double expected, long actual) => Assert.InRange(actual, expected * 0.95, expected * 1.05);
}
