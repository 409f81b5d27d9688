using Vms.Recorder.Retention;
using Vms.Testing;

namespace Vms.Recorder.Tests.Retention;

/// <summary>Which time retention goes by when somebody sets the clock.</summary>
public sealed class RetentionClockTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void A_clock_that_jumps_a_year_ahead_is_not_believed_until_it_is_put_right()
    {
        var clock = new RetentionClock(_time, null);
        _time.Advance(TimeSpan.FromMinutes(1));
        var before = clock.Now();
        Assert.Equal(_time.GetUtcNow(), before);

        _time.SetWallClock(before.AddYears(1));
        Assert.Equal(before, clock.Now());
        Assert.True(clock.IsDoubted);
        _time.Advance(TimeSpan.FromHours(5));
        Assert.Equal(before.AddHours(5), clock.Now());

        _time.SetWallClock(before.AddHours(5.5));
        Assert.Equal(before.AddHours(5.5), clock.Now());
        Assert.False(clock.IsDoubted);
    }

    [Fact]
    public void A_day_of_the_new_time_makes_it_the_right_one_and_another_jump_begins_a_new_day()
    {
        var clock = new RetentionClock(_time, null);
        var before = clock.Now();
        _time.SetWallClock(before.AddDays(30));
        Assert.Equal(before, clock.Now());
        _time.Advance(TimeSpan.FromHours(23));
        _time.SetWallClock(before.AddDays(60));
        Assert.Equal(before.AddHours(23), clock.Now());
        _time.Advance(TimeSpan.FromHours(23));
        Assert.True(clock.IsDoubted);
        Assert.Equal(before.AddHours(46), clock.Now());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(_time.GetUtcNow(), clock.Now());
        Assert.False(clock.IsDoubted);
    }

    [Fact]
    public void Small_steps_and_steps_back_are_believed()
    {
        var clock = new RetentionClock(_time, null);
        foreach (double hours in (double[])[0.9, -0.5, -1000, 0.9])
        {
            _time.SetWallClock(_time.GetUtcNow().AddHours(hours));
            Assert.Equal(_time.GetUtcNow(), clock.Now());
        }
    }

    [Fact]
    public void A_start_long_after_the_last_recording_goes_on_from_there()
    {
        var last = _time.GetUtcNow().AddDays(-400);
        var clock = new RetentionClock(_time, last);
        Assert.Equal(last, clock.Now());
        _time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(_time.GetUtcNow(), clock.Now());
        Assert.Equal(_time.GetUtcNow(), new RetentionClock(_time, _time.GetUtcNow().AddMinutes(-30)).Now());
        Assert.Equal(_time.GetUtcNow(), new RetentionClock(_time, _time.GetUtcNow().AddYears(3)).Now());      // a camera's clock is no measure
    }
}
