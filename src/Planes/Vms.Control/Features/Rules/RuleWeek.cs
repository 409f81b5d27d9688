using System.Globalization;
using Vms.Hosting;

namespace Vms.Control.Features.Rules;

/// <summary>The times of the week at which a rule counts. Immutable; any thread.</summary>
internal sealed class RuleWeek
{
    private const int MaxSpans = 64;
    private const int MinutesPerDay = 1440;
    private static readonly string[] s_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    private readonly TimeZoneInfo _zone;
    private readonly (bool[] Days, int From, int To)[] _spans;

    /// <param name="schedule">Checked.</param>
    public RuleWeek(RuleSchedule schedule)
    {
        _zone = TimeZoneInfo.FindSystemTimeZoneById(schedule.TimeZone!);
        _spans = [.. schedule.Spans!.Select(s => (s_days.Select(d => s.Days!.Contains(d)).ToArray(), MinuteOf(s.From)!.Value, MinuteOf(s.To)!.Value))];
    }

    public bool Holds(DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, _zone);
        var day = ((int)local.DayOfWeek + 6) % 7;       // the week begins on Monday
        var minute = (local.Hour * 60) + local.Minute;
        foreach (var (days, from, to) in _spans)
        {
            var overnight = to <= from;
            if (days[day] && minute >= from && (overnight || minute < to))
                return true;
            if (overnight && days[(day + 6) % 7] && minute < to)
                return true;
        }

        return false;
    }

    public static void Check(RuleSchedule? schedule, List<FieldProblem> problems)
    {
        if (schedule is null)
            return;
        if (string.IsNullOrEmpty(schedule.TimeZone) || !TimeZoneInfo.TryFindSystemTimeZoneById(schedule.TimeZone, out _))
            problems.Add(new FieldProblem("when.schedule.timeZone", "unknownTimeZone", "Use the IANA name of a time zone, as Europe/Berlin"));
        if (schedule.Spans is not { Count: > 0 and <= MaxSpans })
        {
            problems.Add(new FieldProblem("when.schedule.spans", "invalidValue", $"Use 1 to {MaxSpans} spans"));
            return;
        }

        for (var i = 0; i < schedule.Spans.Count; i++)
            Check(schedule.Spans[i], $"when.schedule.spans[{i}]", problems);
    }

    private static void Check(RuleSpan? span, string field, List<FieldProblem> problems)
    {
        if (span?.Days is not { Count: > 0 and <= 7 } days || days.Any(d => !s_days.Contains(d)))
            problems.Add(new FieldProblem(field + ".days", "invalidValue", $"Use some of {string.Join(' ', s_days)}"));
        if (MinuteOf(span?.From) is null or MinutesPerDay)
            problems.Add(new FieldProblem(field + ".from", "invalidValue", "Use a time from 00:00 to 23:59"));
        if (MinuteOf(span?.To) is null or 0)
            problems.Add(new FieldProblem(field + ".to", "invalidValue", "Use a time from 00:01 to 24:00"));
        else if (MinuteOf(span?.From) == MinuteOf(span?.To))
            problems.Add(new FieldProblem(field + ".to", "empty", "It ends when it begins; a whole day is 00:00 to 24:00"));
    }

    /// <summary>Minutes since midnight of HH:mm; null for anything else.</summary>
    private static int? MinuteOf(string? time)
    {
        if (time == "24:00")
            return MinutesPerDay;
        return TimeOnly.TryParseExact(time, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed) ? (parsed.Hour * 60) + parsed.Minute : null;
    }
}
