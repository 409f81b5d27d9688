using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vms.Rtsp.Server;

/// <summary>One way a client can take a track (RFC 2326 §12.39).</summary>
/// <param name="IsInterleaved">On the RTSP connection; otherwise UDP unicast to (or from) the client's ports.</param>
/// <param name="RtpChannel">Of a publisher's interleaved track: what it will send on; null when it names none.</param>
/// <param name="RtcpChannel">With <paramref name="RtpChannel"/>.</param>
public readonly record struct RtspTransportOffer(
    bool IsInterleaved, int ClientRtpPort, int ClientRtcpPort, byte? RtpChannel = null, byte? RtcpChannel = null)
{
    private const int MaxAlternatives = 16;

    /// <summary>The client's first choice that we have too. Multicast and other profiles are none of them; a <c>destination</c> is not looked
    /// at: we send only to whom we talk.</summary>
    /// <param name="toRecord">The client has announced something; otherwise an offer with <c>mode=record</c> is none.</param>
    public static bool TryChoose(string? header, bool offersUdp, bool toRecord, out RtspTransportOffer chosen)
    {
        foreach (string alternative in (header ?? "").Split(',', MaxAlternatives))
        {
            if (TryParse(alternative, toRecord, out var offer) && (offer.Value.IsInterleaved || offersUdp))
            {
                chosen = offer.Value;
                return true;
            }
        }

        chosen = default;
        return false;
    }

    private static bool TryParse(string alternative, bool toRecord, [NotNullWhen(true)] out RtspTransportOffer? offer)
    {
        offer = null;
        string[] fields = alternative.Split(';', StringSplitOptions.TrimEntries);
        bool tcp = fields[0].Equals("RTP/AVP/TCP", StringComparison.OrdinalIgnoreCase);
        bool udp = fields[0].Equals("RTP/AVP", StringComparison.OrdinalIgnoreCase) || fields[0].Equals("RTP/AVP/UDP", StringComparison.OrdinalIgnoreCase);
        (int Rtp, int Rtcp)? ports = null;
        (int Rtp, int Rtcp)? channels = null;
        foreach (string field in fields.Skip(1))
        {
            if (field.Equals("multicast", StringComparison.OrdinalIgnoreCase) || (IsRecording(field) && !toRecord))
                return false;
            if (field.StartsWith("interleaved=", StringComparison.OrdinalIgnoreCase))
            {
                tcp |= udp;         // some leave /TCP out
                channels = Numbers(field["interleaved=".Length..], least: 0, most: byte.MaxValue);
            }
            else if (field.StartsWith("client_port=", StringComparison.OrdinalIgnoreCase))
                ports = Numbers(field["client_port=".Length..], least: 1, most: ushort.MaxValue);
        }

        if (tcp)
            offer = channels is { } own ? new(true, 0, 0, (byte)own.Rtp, (byte)own.Rtcp) : new(true, 0, 0);
        else if (udp && ports is { } pair)
            offer = new(false, pair.Rtp, pair.Rtcp);
        return offer is not null;
    }

    private static bool IsRecording(string field) =>
        field.StartsWith("mode=", StringComparison.OrdinalIgnoreCase) && field.Contains("record", StringComparison.OrdinalIgnoreCase);

    /// <summary>"6-7", or "6" for the same.</summary>
    private static (int, int)? Numbers(string text, int least, int most)
    {
        string[] parts = text.Split('-', 2);
        if (!TryNumber(parts[0], least, most, out int first))
            return null;
        if (parts.Length == 1)
            return first < most ? (first, first + 1) : null;
        return TryNumber(parts[1], least, most, out int second) ? (first, second) : null;
    }

    private static bool TryNumber(string text, int least, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most;
}
