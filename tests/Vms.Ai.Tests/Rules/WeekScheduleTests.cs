using Vms.Ai.Rules;
using Vms.Contracts.Ai;

namespace Vms.Ai.Tests.Rules;

public sealed class WeekScheduleTests
{
    [Theory]
    [InlineData("2026-11-30T21:30:00+01:00", true)]      // Monday evening in Berlin
    [InlineData("2026-12-01T05:59:00+01:00", true)]      // the night after it
    [InlineData("2026-12-01T06:00:00+01:00", false)]
    [InlineData("2026-11-30T05:00:00+01:00", false)]     // the night before began on Sunday
    [InlineData("2026-12-01T22:00:00+01:00", false)]
    public void A_span_over_midnight_belongs_to_the_day_it_begins_on_and_to_the_zones_wall_clock(string at, bool expected)
    {
        var schedule = new WeekSchedule(new ActiveTimes
        {
            TimeZone = "Europe/Berlin",
            Spans = { new WeekSpan { Days = 1, FromMinute = 20 * 60, ToMinute = 6 * 60 } },
        });
        long us = DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds() * 1000;
        Assert.Equal(expected, schedule.IsActive(us));
    }

    [Fact]
    public void Without_spans_it_is_always() => Assert.True(new WeekSchedule(null).IsActive(0));
}
