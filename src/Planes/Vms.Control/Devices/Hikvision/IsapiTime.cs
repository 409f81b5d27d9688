using System.Globalization;
using System.Text.RegularExpressions;
using Vms.Control.Devices.Nvr;

namespace Vms.Control.Devices.Hikvision;

/// <summary>Times as these devices write them. Sans-IO.</summary>
internal static partial class IsapiTime
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>What /ISAPI/System/time says.</summary>
    public static NvrClock Clock(byte[] document)
    {
        var zone = Zone(document);
        return new NvrClock(zone, Read(IsapiXml.First(document, "Time")?["localTime"], zone));
    }

    /// <summary>The zone in /ISAPI/System/time; UTC when the document names none.</summary>
    public static DeviceZone Zone(byte[] document)
    {
        if (IsapiXml.First(document, "Time") is not { } time)
            return DeviceZone.Utc;
        return (time["timeZone"] is { } rule ? Zone(rule) : null) ?? OffsetOf(time["localTime"]) ?? DeviceZone.Utc;
    }

    /// <summary>"CST-8:00:00DST01:00:00,M4.1.0/02:00:00,M10.5.0/03:00:00": POSIX's TZ, with its sign (west is positive), but what follows DST is how much clocks are
    /// put forward, not the offset they then have. Null when it is none.</summary>
    public static DeviceZone? Zone(string rule)
    {
        if (rule.Length > IsapiXml.MaxText || Rule().Match(rule) is not { Success: true } match)
            return null;
        var offset = Duration(match.Groups["offset"].Value);
        if (match.Groups["west"].Value != "-")
            offset = -offset;

        SummerTime? summer = null;
        if (match.Groups["by"].Success && Transition(match, "start") is { } start && Transition(match, "end") is { } end)
            summer = new SummerTime(match.Groups["by"].Value.Length > 0 ? Duration(match.Groups["by"].Value) : TimeSpan.FromHours(1), start, end);
        return DeviceZone.From(offset, summer);
    }

    /// <summary>The way a search asks for it: the device's own local time, and yet a Z at the end.</summary>
    public static string Write(DateTimeOffset time, DeviceZone zone) => zone.ToLocal(time).ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>
    /// A time of a recording. Hikvision writes local time with a Z, which therefore means nothing; newer firmwares write an offset, which is believed.
    /// </summary>
    public static DateTimeOffset? Read(string? text, DeviceZone zone)
    {
        if (text is null || text.Length > 40)
            return null;
        if (DateTime.TryParseExact(text, [Format, "yyyy-MM-dd'T'HH:mm:ss", "yyyyMMdd'T'HHmmss'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return zone.ToUtc(local);
        return DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var exact)
            ? DeviceZone.Utc.ToUtc(exact.UtcDateTime)
            : null;
    }

    private static DeviceZone? OffsetOf(string? localTime) =>
        DateTimeOffset.TryParseExact(localTime, "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? DeviceZone.From(time.Offset, summer: null)
            : null;

    private static TimeZoneInfo.TransitionTime? Transition(Match match, string name) => SummerTime.ByWeek(
        int.Parse(match.Groups[name + "Month"].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[name + "Week"].ValueSpan, CultureInfo.InvariantCulture),
        int.Parse(match.Groups[name + "Day"].ValueSpan, CultureInfo.InvariantCulture), match.Groups[name].Success ? Duration(match.Groups[name].Value) : TimeSpan.FromHours(2));

    /// <summary>"8", "8:00", "08:00:00".</summary>
    private static TimeSpan Duration(string text)
    {
        var parts = text.Split(':').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).Concat([0, 0]).ToArray();
        return new TimeSpan(parts[0], parts[1], parts[2]);
    }

    [GeneratedRegex(
        @"^[A-Za-z]{1,10}(?<west>[+-]?)(?<offset>\d{1,2}(:\d{2}){0,2})"
        + @"(DST(?<by>(\d{1,2}(:\d{2}){0,2})?),M(?<startMonth>\d{1,2})\.(?<startWeek>\d)\.(?<startDay>\d)(/(?<start>\d{1,2}(:\d{2}){0,2}))?"
        + @",M(?<endMonth>\d{1,2})\.(?<endWeek>\d)\.(?<endDay>\d)(/(?<end>\d{1,2}(:\d{2}){0,2}))?)?$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Rule();
}
