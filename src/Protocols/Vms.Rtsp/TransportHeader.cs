using System.Globalization;

namespace Vms.Rtsp;

/// <summary>The Transport header of a SETUP reply (RFC 2326 §12.39), as far as cameras agree on it.</summary>
/// <remarks>
/// Deviations accepted: interleaved channels without <c>/TCP</c> (Escam Q6); one number instead of a pair; blanks inside and
/// around values (Hikvision iDS-2CD9396 pads the ssrc); no server_port (OpenIPC); keys in any case.
/// </remarks>
public sealed record TransportHeader
{
    /// <summary>RTP comes on the RTSP connection.</summary>
    public bool IsInterleaved { get; private init; }

    public bool IsMulticast { get; private init; }

    /// <summary>Channel of RTP; RTCP's is <see cref="RtcpChannel"/>. Null when the reply names none: those asked for are meant.</summary>
    public byte? RtpChannel { get; private init; }

    public byte? RtcpChannel { get; private init; }

    public int? ServerRtpPort { get; private init; }

    public int? ServerRtcpPort { get; private init; }

    /// <summary>Multicast: the group.</summary>
    public string? Destination { get; private init; }

    /// <summary>Multicast: port of RTP in the group.</summary>
    public int? MulticastRtpPort { get; private init; }

    public int? MulticastRtcpPort { get; private init; }

    /// <summary>Multicast: how many routers a packet passes; only reported, a receiver has no use for it.</summary>
    public int? TimeToLive { get; private init; }

    /// <summary>What the camera claims; some lie, so it is only reported.</summary>
    public uint? Ssrc { get; private init; }

    /// <summary>Another address than the one RTSP goes to.</summary>
    public string? Source { get; private init; }

    /// <summary>Takes the first of several alternatives; what it does not understand is left out.</summary>
    public static TransportHeader Parse(string? value)
    {
        var header = new TransportHeader();
        string first = (value ?? "").Split(',', 2)[0];
        foreach (string field in first.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = field.IndexOf('=');
            string key = (equals < 0 ? field : field[..equals]).Trim();
            string text = equals < 0 ? "" : field[(equals + 1)..].Trim();
            header = key.ToUpperInvariant() switch
            {
                "MULTICAST" => header with { IsMulticast = true },
                "INTERLEAVED" => header.WithChannels(text),
                "SERVER_PORT" => header.WithServerPorts(text),
                "DESTINATION" => header with { Destination = text.Length == 0 ? null : text },
                "PORT" => header.WithMulticastPorts(text),
                "TTL" => header with { TimeToLive = Number(text) },
                "SSRC" => header with { Ssrc = ParseSsrc(text) },
                "SOURCE" => header with { Source = text.Length == 0 ? null : text },
                _ when key.EndsWith("/TCP", StringComparison.OrdinalIgnoreCase) => header with { IsInterleaved = true },
                _ => header,
            };
        }

        return header;
    }

    private TransportHeader WithChannels(string text)
    {
        var (low, high) = Pair(text);
        if (low is null or > byte.MaxValue - 1)
            return this with { IsInterleaved = true };

        return this with
        {
            IsInterleaved = true,
            RtpChannel = (byte)low,
            RtcpChannel = (byte)(high is { } number and <= byte.MaxValue ? number : low.Value + 1),
        };
    }

    private TransportHeader WithServerPorts(string text)
    {
        var (low, high) = Pair(text);
        return low is null or 0 or > 65535
            ? this
            : this with { ServerRtpPort = low, ServerRtcpPort = high is > 0 and <= 65535 ? high : low < 65535 ? low + 1 : null };
    }

    private TransportHeader WithMulticastPorts(string text)
    {
        var (low, high) = Pair(text);
        return low is null or 0 or > 65535
            ? this
            : this with { MulticastRtpPort = low, MulticastRtcpPort = high is > 0 and <= 65535 ? high : low < 65535 ? low + 1 : null };
    }

    private static (int? Low, int? High) Pair(string text)
    {
        string[] parts = text.Split('-', 2, StringSplitOptions.TrimEntries);
        return (Number(parts[0]), parts.Length > 1 ? Number(parts[1]) : null);
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static uint? ParseSsrc(string text) =>
        uint.TryParse(text.Replace(" ", "", StringComparison.Ordinal), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint ssrc)
            ? ssrc
            : null;
}
