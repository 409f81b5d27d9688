using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Recordings;

/// <summary>
/// What is recorded at which time: a mode, and spans of the week in which another one applies. The recorder evaluates it alone, while
/// control is away, too.
/// </summary>
/// <remarks>
/// Spans are wall clock of one time zone, whatever daylight saving time does to it: an hour that comes twice is inside twice, one that is
/// left out is not. Where two overlap, the later one in the list counts. One caller at a time.
/// </remarks>
internal sealed class RecordingSchedule
{
    private const long MinuteUs = 60_000_000;
    private const int MinutesPerDay = 1440;

    private readonly RecordingMode _mode;
    private readonly List<Entry> _entries;
    private readonly TimeZoneInfo _zone;
    private long _minute = long.MinValue;       // the one that was asked for last
    private RecordingMode _modeThen;

    private RecordingSchedule(RecordingMode mode, List<Entry> entries, TimeZoneInfo zone)
    {
        _mode = mode;
        _entries = entries;
        _zone = zone;
        WantsAnything = mode != RecordingMode.Off || entries.Any(e => e.Mode != RecordingMode.Off);
        IsContinuous = mode == RecordingMode.Continuous && entries.All(e => e.Mode == RecordingMode.Continuous);
    }

    private readonly record struct Entry(uint Days, int From, int To, RecordingMode Mode);

    /// <summary>Something is recorded at some time.</summary>
    public bool WantsAnything { get; }

    /// <summary>Everything is recorded whatever the time.</summary>
    public bool IsContinuous { get; }

    /// <summary>There are spans: time that is off is off by schedule.</summary>
    public bool HasEntries => _entries.Count > 0;

    /// <param name="zoneKnown">False when this system does not know the zone: the spans are taken as UTC.</param>
    public static RecordingSchedule Of(RecordingSpec spec, out bool zoneKnown)
    {
        zoneKnown = TryZone(spec.TimeZone, out var zone);
        return new RecordingSchedule(
            ModeOf(spec.Mode), [.. spec.Schedule.Select(e => new Entry(e.Days, e.FromMinute, e.ToMinute, ModeOf(e.Mode)))], zone);
    }

    /// <summary>The mode at a capture time, UTC microseconds since 1970. Whole minutes decide.</summary>
    public RecordingMode ModeAt(long captureUs)
    {
        if (_entries.Count == 0)
        {
            return _mode;
        }

        long minute = captureUs / MinuteUs;
        if (minute != _minute)
        {
            _minute = minute;
            _modeThen = ModeAt(TimeZoneInfo.ConvertTime(UnixTime.FromMicroseconds(minute * MinuteUs), _zone).DateTime);
        }

        return _modeThen;
    }

    public static bool IsMode(string mode) => mode is "continuous" or "motion" or "event" or DesiredRecordings.Off;

    private RecordingMode ModeAt(DateTime local)
    {
        int day = ((int)local.DayOfWeek + 6) % 7;       // Monday is 0
        int minute = (local.Hour * 60) + local.Minute;
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            if (Covers(_entries[i], day, minute))
            {
                return _entries[i].Mode;
            }
        }

        return _mode;
    }

    /// <summary>One that ends the day after is two: until midnight, and from midnight on.</summary>
    private static bool Covers(in Entry entry, int day, int minute)
    {
        if (Has(entry.Days, day) && minute >= entry.From && minute < (entry.To > entry.From ? entry.To : MinutesPerDay))
        {
            return true;
        }

        return entry.To <= entry.From && minute < entry.To && Has(entry.Days, (day + 6) % 7);
    }

    private static bool Has(uint days, int day) => (days & (1u << day)) != 0;

    private static RecordingMode ModeOf(string mode) => mode switch
    {
        DesiredRecordings.Off => RecordingMode.Off,
        "motion" => RecordingMode.Motion,
        "event" => RecordingMode.Event,
        _ => RecordingMode.Continuous,
    };

    private static bool TryZone(string name, out TimeZoneInfo zone)
    {
        bool known = TimeZoneInfo.TryFindSystemTimeZoneById(name.Length == 0 ? TimeZoneInfo.Utc.Id : name, out var found);
        zone = found ?? TimeZoneInfo.Utc;
        return known;
    }
}
