using FsCheck;
using FsCheck.Fluent;

namespace Vms.Codecs.Tests;

public sealed class MediaTimeTests
{
    [Theory]
    [InlineData(90_000, 90_000, 1000, 1000)]
    [InlineData(1, 90_000, 48_000, 1)]             // 0.53 rounds up
    [InlineData(-1, 90_000, 48_000, -1)]
    [InlineData(1, 90_000, 1000, 0)]
    [InlineData(3003, 90_000, 30_000, 1001)]
    [InlineData(long.MaxValue / 1000, 1000, 1_000_000, long.MaxValue / 1000 * 1000)]
    public void Rescaling_goes_to_the_nearest_tick(long ticks, int from, int to, long expected) =>
        Assert.Equal(new MediaTime(expected, to), new MediaTime(ticks, from).In(to));

    [Fact]
    public void A_finer_timescale_and_back_loses_nothing() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), ticks =>
            new MediaTime(ticks, 90_000).In(1_000_000).In(90_000).Ticks == ticks).QuickCheckThrowOnFailure();

    [Fact]
    public void Times_of_different_scales_compare_exactly()
    {
        Assert.True(new MediaTime(90_001, 90_000) > new MediaTime(48_000, 48_000));
        Assert.True(new MediaTime(1, 3) < new MediaTime(2, 5));
        Assert.True(new MediaTime(long.MaxValue, 90_000) > new MediaTime(long.MaxValue - 1, 90_000));
        Assert.True(new MediaTime(2, 2) >= new MediaTime(90_000, 90_000));
        Assert.True(new MediaTime(2, 2) <= new MediaTime(90_000, 90_000));
    }

    [Fact]
    public void Spans_and_microseconds_convert_both_ways()
    {
        Assert.Equal(TimeSpan.FromSeconds(1.5), new MediaTime(135_000, 90_000).ToTimeSpan());
        Assert.Equal(135_000, MediaTime.FromTimeSpan(TimeSpan.FromSeconds(1.5), 90_000).Ticks);
        Assert.Equal(1_500_000, new MediaTime(135_000, 90_000).ToMicroseconds());
        Assert.Equal(135_000, MediaTime.FromMicroseconds(1_500_000, 90_000).Ticks);
    }
}
