using System.Globalization;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>What a recording schedule may say, and how the recorder is told.</summary>
internal static class ScheduleRules
{
    /// <summary>A week of hours, each different from the one before.</summary>
    public const int MaxEntries = 168;

    private const int MinutesPerDay = 1440;
    private static readonly string[] s_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    public static IReadOnlyList<ScheduleEntry> Check(IReadOnlyList<ScheduleEntry>? schedule, string[] modes, List<FieldProblem> problems)
    {
        if (schedule is null)
            return [];
        if (schedule.Count > MaxEntries)
        {
            problems.Add(new FieldProblem("recording.schedule", "tooMany", $"Use at most {MaxEntries} entries"));
            return [];
        }

        for (var i = 0; i < schedule.Count; i++)
            Check(schedule[i], $"recording.schedule[{i}]", modes, problems);
        return schedule;
    }

    /// <summary>The zone of a schedule: the one that was asked for, else this server's. Null without a schedule.</summary>
    public static string? CheckZone(string? zone, IReadOnlyList<ScheduleEntry> schedule, List<FieldProblem> problems)
    {
        if (!string.IsNullOrEmpty(zone) && !IsZone(zone))
            problems.Add(new FieldProblem("recording.timeZone", "unknownTimeZone", "Use the IANA name of a time zone, as Europe/Berlin"));
        if (!string.IsNullOrEmpty(zone))
            return zone;
        return schedule.Count == 0 ? null : IsZone(TimeZoneInfo.Local.Id) ? TimeZoneInfo.Local.Id : TimeZoneInfo.Utc.Id;
    }

    /// <summary>As the recorder reads it. Checked settings only.</summary>
    public static Vms.Contracts.Recorder.ScheduleEntry ToSpec(ScheduleEntry entry) => new()
    {
        Days = DaysOf(entry.Days!),
        FromMinute = MinuteOf(entry.From) ?? 0,
        ToMinute = MinuteOf(entry.To) ?? MinutesPerDay,
        Mode = entry.Mode,
    };

    /// <summary>Bit 0 is Monday. Checked days only.</summary>
    public static uint DaysOf(IReadOnlyList<string> days) => (uint)days.Distinct().Sum(d => 1 << Array.IndexOf(s_days, d));

    private static void Check(ScheduleEntry? entry, string field, string[] modes, List<FieldProblem> problems)
    {
        CheckSpan(entry?.Days, entry?.From, entry?.To, field, problems);
        if (entry?.Mode is not { } mode || !modes.Contains(mode))
            problems.Add(new FieldProblem(field + ".mode", "invalidValue", $"Use {string.Join(" or ", modes)}"));
    }

    /// <summary>A span of the week, whatever it is for.</summary>
    public static void CheckSpan(IReadOnlyList<string>? given, string? begin, string? end, string field, List<FieldProblem> problems)
    {
        if (given is not { Count: > 0 } days || days.Count > s_days.Length || days.Any(d => !s_days.Contains(d)))
            problems.Add(new FieldProblem(field + ".days", "invalidValue", $"Use some of {string.Join(" ", s_days)}"));
        var from = MinuteOf(begin);
        var to = MinuteOf(end);
        if (from is null or MinutesPerDay)
            problems.Add(new FieldProblem(field + ".from", "invalidValue", "Use a time from 00:00 to 23:59"));
        if (to is null or 0)
            problems.Add(new FieldProblem(field + ".to", "invalidValue", "Use a time from 00:01 to 24:00"));
        else if (from == to)
            problems.Add(new FieldProblem(field + ".to", "empty", "It ends when it begins; a whole day is 00:00 to 24:00"));
    }

    /// <summary>Minutes since midnight of HH:mm; null for anything else.</summary>
    public static int? MinuteOf(string? time)
    {
        if (time == "24:00")
            return MinutesPerDay;
        return TimeOnly.TryParseExact(time, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed)
            ? (parsed.Hour * 60) + parsed.Minute
            : null;
    }

    public static bool IsZone(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out _);
}
