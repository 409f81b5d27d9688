using System.Globalization;

namespace Vms.Media.Ingest.Replay;

/// <summary>A stretch as it stands in the addresses of those servers that know no ranges: local times of the device, of whole seconds.</summary>
/// <param name="FromUs">By the device's clock, UTC; at or before what is wanted.</param>
internal sealed record FootageUrl(string From, string To, long FromUs, long ToUs)
{
    /// <param name="form">contracts/media.proto, url_times.</param>
    /// <param name="zoneOffset">The device's local time minus UTC.</param>
    /// <returns>Null when the form is not known.</returns>
    public static FootageUrl? Of(string form, DateTimeOffset from, DateTimeOffset to, TimeSpan zoneOffset)
    {
        string? format = form switch
        {
            "basic" => "yyyyMMdd'T'HHmmss'Z'",
            "underscores" => "yyyy_MM_dd_HH_mm_ss",
            _ => null,
        };
        if (format is null || zoneOffset.Duration() > TimeSpan.FromHours(14))
            return null;
        var (begin, end) = (Floor(from), Floor(to + TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1)));
        return new FootageUrl(Written(begin), Written(end), UnixUs(begin), UnixUs(end));

        string Written(DateTimeOffset time) => (time + zoneOffset).UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
    }

    public string Fill(string url) => url.Replace("{from}", From, StringComparison.Ordinal).Replace("{to}", To, StringComparison.Ordinal);

    private static DateTimeOffset Floor(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    private static long UnixUs(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
