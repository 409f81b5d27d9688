using System.Globalization;
using Vms.Control.Features.Detections;

namespace Vms.Control.Tests.Features;

public sealed class CountPeriodsTests
{
    [Theory]
    [InlineData("hour", "Europe/Berlin", "2026-06-01T10:20:00Z", "2026-06-01T12:00:00Z", "2026-06-01T10:00:00Z 2026-06-01T11:00:00Z")]
    [InlineData("hour", "Asia/Kolkata", "2026-06-01T10:20:00Z", "2026-06-01T11:00:00Z", "2026-06-01T09:30:00Z 2026-06-01T10:30:00Z")]
    [InlineData("tenMinutes", "UTC", "2026-06-01T10:25:00Z", "2026-06-01T10:41:00Z", "2026-06-01T10:20:00Z 2026-06-01T10:30:00Z 2026-06-01T10:40:00Z")]
    [InlineData("minute", "UTC", "2026-06-01T10:25:59Z", "2026-06-01T10:26:00Z", "2026-06-01T10:25:00Z")]
    [InlineData("day", "Europe/Berlin", "2026-06-01T23:00:00Z", "2026-06-03T22:00:00Z", "2026-06-01T22:00:00Z 2026-06-02T22:00:00Z")]
    // Monday, 23 November.
    [InlineData("week", "Europe/Berlin", "2026-11-29T12:00:00Z", "2026-12-01T00:00:00Z", "2026-11-22T23:00:00Z 2026-11-29T23:00:00Z")]
    [InlineData("month", "America/New_York", "2026-02-10T00:00:00Z", "2026-04-02T00:00:00Z", "2026-02-01T05:00:00Z 2026-03-01T05:00:00Z 2026-04-01T04:00:00Z")]
    // Clocks go back on 25 October: a day of 25 hours, and 2 o'clock twice.
    [InlineData("day", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-26T12:00:00Z", "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z")]
    [InlineData("hour", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z", "2026-10-25T00:00:00Z 2026-10-25T01:00:00Z")]
    // In Beirut clocks go forward at midnight: the day begins at one.
    [InlineData("day", "Asia/Beirut", "2025-03-30T06:00:00Z", "2025-03-31T06:00:00Z", "2025-03-29T22:00:00Z 2025-03-30T21:00:00Z")]
    public void Each_begins_as_the_clock_on_the_wall_says(string by, string zone, string from, string to, string starts) =>
        Assert.Equal(starts, string.Join(' ', Starts(by, from, to, zone, 750).Select(s => s.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))));

    [Theory]
    [InlineData("2026-06-01T10:00:00Z", "2026-06-01T10:00:00Z", 0)]
    [InlineData("2026-06-01T10:00:00Z", "2036-06-01T10:00:00Z", 6)]
    public void No_more_are_made_than_tell_that_there_are_too_many(string from, string to, int count) => Assert.Equal(count, Starts("minute", from, to, "UTC", 5).Count);

    private static List<DateTimeOffset> Starts(string by, string from, string to, string zone, int most) =>
        CountPeriods.Starts(by, DateTimeOffset.Parse(from, CultureInfo.InvariantCulture), DateTimeOffset.Parse(to, CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById(zone), most);
}
