using System.Globalization;
using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Device;

/// <summary>What a device takes for the time (ONVIF Core Specification §8.3.8).</summary>
/// <param name="Utc">By its own words; some tell local time for it (OpenIPC). It is what they judge credentials by all the same.</param>
/// <param name="FromNtp">A time server sets it.</param>
/// <param name="TimeZone">POSIX form, as told ("CST-8").</param>
public sealed record DeviceClock(DateTimeOffset Utc, bool FromNtp, string? TimeZone)
{
    public static OnvifCall<DeviceClock> Get { get; } = new(
        OnvifService.Device,
        "http://www.onvif.org/ver10/device/wsdl/GetSystemDateAndTime",
        new XElement(OnvifNamespaces.Device + "GetSystemDateAndTime"),
        Read)
    { IsPublic = true };

    /// <summary>Sets the clock by hand. Daylight saving and zone stay what they were when <paramref name="timeZone"/> is given as told.</summary>
    public static OnvifCall<Done> Set(DateTimeOffset utc, string? timeZone, bool fromNtp) => new(
        OnvifService.Device,
        "http://www.onvif.org/ver10/device/wsdl/SetSystemDateAndTime",
        new XElement(
            OnvifNamespaces.Device + "SetSystemDateAndTime",
            new XElement(OnvifNamespaces.Device + "DateTimeType", fromNtp ? "NTP" : "Manual"),
            new XElement(OnvifNamespaces.Device + "DaylightSavings", false),
            timeZone is null ? null : new XElement(OnvifNamespaces.Device + "TimeZone", new XElement(OnvifNamespaces.Schema + "TZ", timeZone)),
            fromNtp ? null : DateTimeOf("UTCDateTime", utc.UtcDateTime)),
        Done.Of);

    private static DeviceClock? Read(SoapAnswer answer)
    {
        var told = answer.Body.Descendant("SystemDateAndTime") ?? answer.Body;
        string? zone = told.TextAt("TimeZone", "TZ");
        var utc = TimeOf(told.Child("UTCDateTime")) ?? TimeOf(told.Child("LocalDateTime")) - (OffsetOf(zone) ?? TimeSpan.Zero);
        return utc is { } time ? new DeviceClock(time, told.TextAt("DateTimeType") == "NTP", zone) : null;
    }

    private static DateTimeOffset? TimeOf(SoapElement? element)
    {
        if (element?.IntegerAt("Date", "Year") is not { } year || element.IntegerAt("Date", "Month") is not { } month || element.IntegerAt("Date", "Day") is not { } day
            || element.IntegerAt("Time", "Hour") is not { } hour || element.IntegerAt("Time", "Minute") is not { } minute)
        {
            return null;
        }

        int second = Math.Min(element.IntegerAt("Time", "Second") ?? 0, 59);     // leap seconds: up to 61 by the schema
        return year is >= 1970 and < 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            && hour is >= 0 and < 24 && minute is >= 0 and < 60 && second >= 0
            ? new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero)
            : null;
    }

    /// <summary>Standard time's offset to UTC: "CST-8" and "&lt;+08&gt;-08:00" are eight hours ahead. POSIX counts the other way.</summary>
    internal static TimeSpan? OffsetOf(string? zone)
    {
        if (zone is null)
            return null;
        int at = zone.StartsWith('<') ? zone.IndexOf('>', StringComparison.Ordinal) + 1 : 0;
        while (at < zone.Length && char.IsAsciiLetter(zone[at]))
            at++;
        int sign = at < zone.Length && zone[at] == '-' ? 1 : -1;
        if (at < zone.Length && zone[at] is '-' or '+')
            at++;
        int end = at;
        while (end < zone.Length && (char.IsAsciiDigit(zone[end]) || zone[end] == ':'))
            end++;
        string[] parts = zone[at..end].Split(':');
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int hours) || hours > 24)
            return null;
        int minutes = parts.Length > 1 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int read) && read < 60 ? read : 0;
        return sign * new TimeSpan(hours, minutes, 0);
    }

    private static XElement DateTimeOf(string name, DateTime time) => new(
        OnvifNamespaces.Device + name,
        new XElement(
            OnvifNamespaces.Schema + "Time",
            new XElement(OnvifNamespaces.Schema + "Hour", time.Hour), new XElement(OnvifNamespaces.Schema + "Minute", time.Minute), new XElement(OnvifNamespaces.Schema + "Second", time.Second)),
        new XElement(
            OnvifNamespaces.Schema + "Date",
            new XElement(OnvifNamespaces.Schema + "Year", time.Year), new XElement(OnvifNamespaces.Schema + "Month", time.Month), new XElement(OnvifNamespaces.Schema + "Day", time.Day)));
}
