using Vms.Ai.Analysis;

namespace Vms.Ai.Tests;

public sealed class SampleRateTests
{
    [Fact]
    public void A_steady_stream_gives_its_rate_after_the_first_second()
    {
        var rate = new SampleRate();
        for (int i = 0; i < 250; i++)
        {
            rate.Add(TimeSpan.FromSeconds(1000) + TimeSpan.FromMilliseconds(40 * i), 1);
            if (i >= 25)
                Assert.Equal(25, rate.PerSecond, tolerance: 0.01);
        }
    }

    [Fact]
    public void The_rate_falls_to_nothing_when_nothing_comes()
    {
        var rate = new SampleRate();
        for (int second = 0; second < 10; second++)
            rate.Add(TimeSpan.FromSeconds(second), 25);
        Assert.Equal(25, rate.PerSecond);
        rate.Add(TimeSpan.FromSeconds(12), 0);
        Assert.InRange(rate.PerSecond, 10, 20);
        rate.Add(TimeSpan.FromSeconds(100), 0);
        Assert.Equal(0, rate.PerSecond);
    }
}
