using System.Globalization;
using Vms.Control.Devices.Nvr;

namespace Vms.Control.Devices.Dahua;

/// <summary>Times as these devices write them: local, by the zone they are set to. Sans-IO.</summary>
internal static class DahuaTime
{
    private const string Format = "yyyy-MM-dd HH:mm:ss";

    /// <summary>Minutes east of UTC for each number that NTP.TimeZone may have.</summary>
    private static readonly int[] s_zones =
    [
        0, 60, 120, 180, 210, 240, 270, 300, 330, 345, 360, 390, 420, 480, 540, 570, 600, 660, 720, 780,
        -60, -120, -180, -210, -240, -300, -360, -420, -480, -540, -600, -660, -720, -270, 630, 840, -570, 510, 525, 765,
    ];

    /// <summary>The zone, from configManager NTP and Locales; UTC when the first names none.</summary>
    /// <param name="locales">Null: no summer time.</param>
    public static DeviceZone Zone(byte[] ntp, byte[]? locales)
    {
        var lines = new KeyValueText(ntp);
        while (lines.Next())
        {
            var key = lines.Key;
            if (key.Take("table") && key.Take("NTP") && key.Take("TimeZone") && key.IsEnd && lines.Number is >= 0 and int zone && zone < s_zones.Length)
                return DeviceZone.From(TimeSpan.FromMinutes(s_zones[zone]), locales is null ? null : Summer(locales)) ?? DeviceZone.Utc;
        }

        return DeviceZone.Utc;
    }

    /// <summary>The way a search asks for it.</summary>
    public static string Write(DateTimeOffset time, DeviceZone zone) => zone.ToLocal(time).ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>The way it stands in the URL of a playback.</summary>
    public static string WriteForUrl(DateTimeOffset time, DeviceZone zone) => zone.ToLocal(time).ToString("yyyy_MM_dd_HH_mm_ss", CultureInfo.InvariantCulture);

    /// <summary>"2026-11-3 7:04:09": figures without their zeros are written by older firmwares.</summary>
    public static DateTimeOffset? Read(string text, DeviceZone zone) =>
        DateTime.TryParseExact(text, "yyyy-M-d H:m:s", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) ? zone.ToUtc(local) : null;

    private static SummerTime? Summer(byte[] locales)
    {
        bool isOn = false;
        var start = new Change();
        var end = new Change();
        var lines = new KeyValueText(locales);
        while (lines.Next())
        {
            var key = lines.Key;
            if (!key.Take("table") || !key.Take("Locales"))
                continue;
            if (key.Take("DSTEnable"))
                isOn = lines.IsTrue;
            else if (key.Take("DSTStart"))
                start.Take(key, lines.Number);
            else if (key.Take("DSTEnd"))
                end.Take(key, lines.Number);
        }

        return isOn && start.Transition is { } from && end.Transition is { } to ? new SummerTime(TimeSpan.FromHours(1), from, to) : null;
    }

    private struct Change()
    {
        private int _month;
        private int _week;
        private int _day;
        private int _hour;
        private int _minute;

        /// <summary>With a week the day is one of the week, 0 for Sunday; with week 0 it is one of the month. The last week is -1.</summary>
        public readonly TimeZoneInfo.TransitionTime? Transition => _week == 0
            ? SummerTime.ByDate(_month, _day, new TimeSpan(_hour, _minute, 0))
            : SummerTime.ByWeek(_month, _week == -1 ? 5 : _week, _day, new TimeSpan(_hour, _minute, 0));

        public void Take(KeyPath key, int? number)
        {
            if (number is not (>= -1 and <= 59 and int value))
                return;
            if (key.Take("Month"))
                _month = value;
            else if (key.Take("Week"))
                _week = value;
            else if (key.Take("Day"))
                _day = value;
            else if (key.Take("Hour"))
                _hour = value;
            else if (key.Take("Minute"))
                _minute = value;
        }
    }
}
