using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vms.Rtsp.Server;

/// <summary>One way a client can take a track (RFC 2326 §12.39).</summary>
/// <param name="IsInterleaved">On the RTSP connection; otherwise UDP unicast to the client's ports.</param>
public readonly record struct RtspTransportOffer(bool IsInterleaved, int ClientRtpPort, int ClientRtcpPort)
{
    private const int MaxAlternatives = 16;

    /// <summary>The client's first choice that we have too. Multicast, other profiles and recording are none of them; a
    /// <c>destination</c> is not looked at: we send only to whom we talk.</summary>
    public static bool TryChoose(string? header, bool offersUdp, out RtspTransportOffer chosen)
    {
        foreach (string alternative in (header ?? "").Split(',', MaxAlternatives))
        {
            if (TryParse(alternative, out var offer) && (offer.Value.IsInterleaved || offersUdp))
            {
                chosen = offer.Value;
                return true;
            }
        }

        chosen = default;
        return false;
    }

    private static bool TryParse(string alternative, [NotNullWhen(true)] out RtspTransportOffer? offer)
    {
        offer = null;
        string[] fields = alternative.Split(';', StringSplitOptions.TrimEntries);
        bool tcp = fields[0].Equals("RTP/AVP/TCP", StringComparison.OrdinalIgnoreCase);
        bool udp = fields[0].Equals("RTP/AVP", StringComparison.OrdinalIgnoreCase) || fields[0].Equals("RTP/AVP/UDP", StringComparison.OrdinalIgnoreCase);
        (int Rtp, int Rtcp)? ports = null;
        foreach (string field in fields.Skip(1))
        {
            if (field.Equals("multicast", StringComparison.OrdinalIgnoreCase) || IsRecording(field))
                return false;
            if (field.StartsWith("interleaved=", StringComparison.OrdinalIgnoreCase))
                tcp |= udp;         // some leave /TCP out
            else if (field.StartsWith("client_port=", StringComparison.OrdinalIgnoreCase))
                ports = Ports(field["client_port=".Length..]);
        }

        if (tcp)
            offer = new(true, 0, 0);
        else if (udp && ports is { } pair)
            offer = new(false, pair.Rtp, pair.Rtcp);
        return offer is not null;
    }

    private static bool IsRecording(string field) =>
        field.StartsWith("mode=", StringComparison.OrdinalIgnoreCase) && field.Contains("record", StringComparison.OrdinalIgnoreCase);

    private static (int, int)? Ports(string text)
    {
        string[] parts = text.Split('-', 2);
        if (!TryPort(parts[0], out int rtp))
            return null;
        if (parts.Length == 1)
            return rtp < ushort.MaxValue ? (rtp, rtp + 1) : null;
        return TryPort(parts[1], out int rtcp) ? (rtp, rtcp) : null;
    }

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= ushort.MaxValue;
}
