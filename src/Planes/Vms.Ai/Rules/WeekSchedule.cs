using Vms.Contracts.Ai;

namespace Vms.Ai.Rules;

/// <summary>Spans of the week on the wall clock of a time zone. Immutable.</summary>
internal sealed class WeekSchedule
{
    private const int MinutesPerDay = 1440;

    private readonly TimeZoneInfo _zone;
    private readonly IReadOnlyList<WeekSpan> _spans;

    /// <param name="times">Null: always.</param>
    internal WeekSchedule(ActiveTimes? times)
    {
        _spans = times is null ? [] : [.. times.Spans];
        _zone = times is { TimeZone.Length: > 0 } && TimeZoneInfo.TryFindSystemTimeZoneById(times.TimeZone, out var zone) ? zone : TimeZoneInfo.Utc;
    }

    internal bool IsActive(long unixUs)
    {
        if (_spans.Count == 0)
            return true;
        DateTimeOffset there = TimeZoneInfo.ConvertTime(DateTimeOffset.UnixEpoch.AddTicks(unixUs * 10), _zone);
        int today = ((int)there.DayOfWeek + 6) % 7, minute = (int)there.TimeOfDay.TotalMinutes;
        foreach (WeekSpan span in _spans)
        {
            bool overnight = span.ToMinute <= span.FromMinute;
            int until = overnight ? MinutesPerDay : span.ToMinute;
            if (Has(span, today) && minute >= span.FromMinute && minute < until)
                return true;
            if (overnight && Has(span, (today + 6) % 7) && minute < span.ToMinute)
                return true;
        }

        return false;
    }

    private static bool Has(WeekSpan span, int day) => (span.Days & (1u << day)) != 0;
}
