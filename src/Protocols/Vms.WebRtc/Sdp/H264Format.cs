using System.Globalization;

namespace Vms.WebRtc.Sdp;

/// <summary>One H.264 payload type of a media section with what belongs to it (RFC 6184 §8.2, RFC 4585 §4.2, RFC 4588 §8.1).</summary>
/// <param name="PayloadType">0..127.</param>
/// <param name="ProfileLevelId">Declared by the peer.</param>
/// <param name="PacketizationMode">0, 1 or 2.</param>
/// <param name="Parameters">The whole <c>fmtp</c> value, repeated in the answer; null when absent.</param>
/// <param name="RtxPayloadType">Its retransmission format; null when none is offered.</param>
/// <param name="Feedback">The <c>rtcp-fb</c> values that apply to it.</param>
public sealed record H264Format(
    byte PayloadType, H264ProfileLevelId ProfileLevelId, int PacketizationMode, string? Parameters, byte? RtxPayloadType,
    IReadOnlyList<string> Feedback)
{
    /// <summary>Which formats to prefer for a stream of a profile: its own, one that contains it, then one that a browser's
    /// decoder has been seen to stretch (Chromium decodes High without B-frames under 4d001f).</summary>
    private static readonly Dictionary<H264Profile, H264Profile[]> s_preferences = new()
    {
        [H264Profile.ConstrainedBaseline] = [H264Profile.ConstrainedBaseline, H264Profile.Baseline, H264Profile.Main,
            H264Profile.ConstrainedHigh, H264Profile.High, H264Profile.High444Predictive],
        [H264Profile.Baseline] = [H264Profile.Baseline, H264Profile.ConstrainedBaseline, H264Profile.Main,
            H264Profile.High, H264Profile.ConstrainedHigh, H264Profile.High444Predictive],
        [H264Profile.Main] = [H264Profile.Main, H264Profile.High, H264Profile.ConstrainedHigh, H264Profile.ConstrainedBaseline,
            H264Profile.Baseline, H264Profile.High444Predictive],
        [H264Profile.High] = [H264Profile.High, H264Profile.ConstrainedHigh, H264Profile.Main, H264Profile.ConstrainedBaseline,
            H264Profile.Baseline, H264Profile.High444Predictive],
    };

    /// <summary>All H.264 formats of a section, in the order of its <c>m=</c> line.</summary>
    public static List<H264Format> In(SdpMediaSection section)
    {
        var formats = new List<H264Format>();
        foreach (var format in section.Formats)
        {
            if (!TryParsePayloadType(format, out byte payloadType) || !IsCodec(section, payloadType, "H264/90000"))
                continue;

            var parameters = ValueFor(section, "fmtp", payloadType);
            var profile = H264ProfileLevelId.Default;
            if (Parameter(parameters, "profile-level-id") is { } hex && !H264ProfileLevelId.TryParse(hex, out profile))
                continue;
            int mode = Parameter(parameters, "packetization-mode") is { } text
                && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0;
            formats.Add(new H264Format(
                payloadType, profile, mode, parameters, FindRtx(section, payloadType), FeedbackOf(section, payloadType)));
        }

        return formats;
    }

    /// <summary>The best of the offered formats for a stream: packetization-mode 1 always (RFC 6184 §6.3: fragments), then by profile.</summary>
    public static H264Format? Choose(IReadOnlyList<H264Format> offered, H264ProfileLevelId stream)
    {
        if (!s_preferences.TryGetValue(stream.Profile, out var preferences))
            preferences = s_preferences[H264Profile.High];
        foreach (var profile in preferences)
        {
            foreach (var format in offered)
            {
                if (format.PacketizationMode == 1 && format.ProfileLevelId.Profile == profile)
                    return format;
            }
        }

        return null;
    }

    internal static bool TryParsePayloadType(ReadOnlySpan<char> text, out byte payloadType) =>
        byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out payloadType) && payloadType < 128;

    private static bool IsCodec(SdpMediaSection section, byte payloadType, string codec) =>
        ValueFor(section, "rtpmap", payloadType) is { } map && map.AsSpan().Trim().Equals(codec, StringComparison.OrdinalIgnoreCase);

    private static byte? FindRtx(SdpMediaSection section, byte payloadType)
    {
        foreach (var format in section.Formats)
        {
            if (TryParsePayloadType(format, out byte candidate) && IsCodec(section, candidate, "rtx/90000")
                && Parameter(ValueFor(section, "fmtp", candidate), "apt") is { } apt
                && TryParsePayloadType(apt, out byte associated) && associated == payloadType)
                return candidate;
        }

        return null;
    }

    private static List<string> FeedbackOf(SdpMediaSection section, byte payloadType)
    {
        var feedback = new List<string>();
        foreach (var attribute in section.Attributes)
        {
            if (attribute.Name != "rtcp-fb")
                continue;
            int blank = attribute.Value.IndexOf(' ', StringComparison.Ordinal);
            if (blank > 0 && (attribute.Value.AsSpan(0, blank) is "*"
                || (TryParsePayloadType(attribute.Value.AsSpan(0, blank), out byte applies) && applies == payloadType)))
                feedback.Add(attribute.Value[(blank + 1)..].Trim());
        }

        return feedback;
    }

    /// <summary>The value of <c>a=name:payloadType value</c>.</summary>
    private static string? ValueFor(SdpMediaSection section, string name, byte payloadType)
    {
        foreach (var attribute in section.Attributes)
        {
            if (attribute.Name != name)
                continue;
            int blank = attribute.Value.IndexOf(' ', StringComparison.Ordinal);
            if (blank > 0 && TryParsePayloadType(attribute.Value.AsSpan(0, blank), out byte applies) && applies == payloadType)
                return attribute.Value[(blank + 1)..];
        }

        return null;
    }

    private static string? Parameter(string? formatParameters, string name)
    {
        foreach (var range in (formatParameters ?? "").Split(';'))
        {
            var pair = range.Trim();
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && pair.AsSpan(0, equals).Equals(name, StringComparison.OrdinalIgnoreCase))
                return pair[(equals + 1)..].Trim();
        }

        return null;
    }
}
