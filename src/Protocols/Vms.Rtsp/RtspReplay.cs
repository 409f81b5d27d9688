using System.Globalization;

namespace Vms.Rtsp;

/// <summary>A stretch of what a device has recorded, to be played as fast as the connection takes it (ONVIF Streaming Specification §6, replay).</summary>
/// <param name="From">By the device's clock. It begins with the keyframe at or before it.</param>
/// <param name="To">By the device's clock; after <paramref name="From"/>.</param>
public sealed record RtspReplay(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>Feature tag of what is asked for; a server that does not know it answers 551.</summary>
    public const string Feature = "onvif-replay";

    /// <summary>As PLAY's Range has it: <c>clock=20261130T230102.123Z-20261130T230502.123Z</c> (RFC 2326 §3.7).</summary>
    public string Range => $"clock={TimeOf(From)}-{TimeOf(To)}";

    /// <summary>What PLAY carries.</summary>
    /// <param name="bare">For a server that knows ranges and not the feature: it plays in real time then.</param>
    internal IReadOnlyList<KeyValuePair<string, string>> Headers(bool bare) => bare
        ? [new("Range", Range)]
        : [new("Require", Feature), new("Range", Range), new("Rate-Control", "no"), new("Immediate", "yes")];

    private static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture);
}
