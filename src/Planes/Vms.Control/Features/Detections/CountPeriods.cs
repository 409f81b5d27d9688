namespace Vms.Control.Features.Detections;

/// <summary>The stretches of time that are counted apart: hours, days, weeks and months begin as clocks on the wall say.</summary>
internal static class CountPeriods
{
    public static readonly string[] Names = ["minute", "tenMinutes", "hour", "day", "week", "month"];

    /// <summary>Clocks of zones and beginnings of months are reckoned around a time: there has to be some before and behind it.</summary>
    public static bool IsWithin(DateTimeOffset time) => time.UtcDateTime.Year is >= 1970 and <= 9000;

    /// <summary>Where each begins: the first at or before <paramref name="from"/>, the last before <paramref name="to"/>.</summary>
    /// <returns>One more than <paramref name="most"/> where there are more.</returns>
    public static List<DateTimeOffset> Starts(string by, DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone, int most)
    {
        var starts = new List<DateTimeOffset>();
        if (by is "day" or "week" or "month")
        {
            var local = TimeZoneInfo.ConvertTime(from, zone).Date;
            var day = by switch { "month" => new DateTime(local.Year, local.Month, 1), "week" => local.AddDays(-(((int)local.DayOfWeek + 6) % 7)), _ => local };
            for (; starts.Count <= most && BeginningOf(day, zone) is var start && start < to; day = by switch { "month" => day.AddMonths(1), "week" => day.AddDays(7), _ => day.AddDays(1) })
                starts.Add(start);
            return starts;
        }

        var length = by switch { "minute" => TimeSpan.FromMinutes(1), "tenMinutes" => TimeSpan.FromMinutes(10), _ => TimeSpan.FromHours(1) };
        // Zones are off by quarters of an hour, too.
        var there = from + zone.GetUtcOffset(from);
        for (var start = from - TimeSpan.FromTicks(there.UtcTicks % length.Ticks); starts.Count <= most && start < to; start += length)
            starts.Add(start);
        return starts;
    }

    /// <summary>Midnight, or the first moment of a day that has none because clocks go forward then; of two midnights the first.</summary>
    private static DateTimeOffset BeginningOf(DateTime day, TimeZoneInfo zone)
    {
        var first = day;
        while (zone.IsInvalidTime(first))
            first = first.AddMinutes(15);
        var offset = zone.IsAmbiguousTime(first) ? zone.GetAmbiguousTimeOffsets(first).Max() : zone.GetUtcOffset(first);
        return new DateTimeOffset(first, offset).ToUniversalTime();
    }
}
