namespace Vms.Control.Devices.Nvr;

/// <summary>The time zone a device is set to: what its recordings' local times mean.</summary>
/// <remarks>In the hour that comes twice in autumn the device's own lists say one time for two; it is taken for the later, winter's.</remarks>
internal sealed class DeviceZone
{
    /// <summary>No place on Earth is further away from UTC.</summary>
    public static readonly TimeSpan MaxOffset = TimeSpan.FromHours(14);

    /// <summary>A device that does not say where it is: its times are taken as UTC.</summary>
    public static readonly DeviceZone Utc = new(TimeZoneInfo.Utc);

    private const int FirstYear = 1990;     // what recorders can have recorded
    private const int LastYear = 2105;

    private readonly TimeZoneInfo _zone;

    private DeviceZone(TimeZoneInfo zone) => _zone = zone;

    /// <summary>The offset without summer time.</summary>
    public TimeSpan BaseOffset => _zone.BaseUtcOffset;

    /// <summary>Null when there is no such offset.</summary>
    /// <param name="offset">Without summer time, east of UTC positive. Whole minutes.</param>
    /// <param name="summer">By how much clocks are put forward, and when; null: never.</param>
    public static DeviceZone? From(TimeSpan offset, SummerTime? summer)
    {
        if (offset.Duration() > MaxOffset || offset.Ticks % TimeSpan.TicksPerMinute != 0)
            return null;
        TimeZoneInfo.AdjustmentRule[]? rules = null;
        if (summer is { } s && s.By > TimeSpan.Zero && s.By <= TimeSpan.FromHours(2) && s.By.Ticks % TimeSpan.TicksPerMinute == 0 && (offset + s.By).Duration() <= MaxOffset
            && !s.Start.Equals(s.End))
        {
            rules = [TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, s.By, s.Start, s.End)];
        }

        return new DeviceZone(TimeZoneInfo.CreateCustomTimeZone("device", offset, "device", "device", "device", rules));
    }

    /// <summary>Null when the time is none that a recorder can mean.</summary>
    public DateTimeOffset? ToUtc(DateTime local)
    {
        if (local.Year is < FirstYear or > LastYear)
            return null;
        // Not ConvertTimeToUtc: that throws for the hour that spring leaves out, and devices write it.
        return new DateTimeOffset(local.Ticks, _zone.GetUtcOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified))).ToUniversalTime();
    }

    public DateTime ToLocal(DateTimeOffset time) => (time + _zone.GetUtcOffset(time)).UtcDateTime;
}

/// <summary>When clocks are put forward, and back, and by how much.</summary>
internal readonly record struct SummerTime(TimeSpan By, TimeZoneInfo.TransitionTime Start, TimeZoneInfo.TransitionTime End)
{
    /// <summary>The <paramref name="week"/>th of a weekday in a month, 5 for the last. Null when there is no such day.</summary>
    /// <param name="weekday">0 is Sunday.</param>
    public static TimeZoneInfo.TransitionTime? ByWeek(int month, int week, int weekday, TimeSpan timeOfDay) =>
        month is >= 1 and <= 12 && week is >= 1 and <= 5 && weekday is >= 0 and <= 6 && IsTimeOfDay(timeOfDay)
            ? TimeZoneInfo.TransitionTime.CreateFloatingDateRule(DateTime.MinValue + timeOfDay, month, week, (DayOfWeek)weekday)
            : null;

    /// <summary>The same date each year. Null when there is no such day.</summary>
    public static TimeZoneInfo.TransitionTime? ByDate(int month, int day, TimeSpan timeOfDay) =>
        month is >= 1 and <= 12 && day is >= 1 and <= 31 && IsTimeOfDay(timeOfDay)
            ? TimeZoneInfo.TransitionTime.CreateFixedDateRule(DateTime.MinValue + timeOfDay, month, day)
            : null;

    private static bool IsTimeOfDay(TimeSpan time) => time >= TimeSpan.Zero && time < TimeSpan.FromDays(1) && time.Ticks % TimeSpan.TicksPerSecond == 0;
}
