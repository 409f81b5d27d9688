using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vms.WebRtc.Sdp;

/// <summary>An <c>m=</c> line with its attributes (RFC 8866 §5.14).</summary>
public sealed class SdpMediaSection
{
    private SdpMediaSection(string kind, int port, string protocol, string[] formats, IReadOnlyList<SdpAttribute> attributes)
    {
        Kind = kind;
        Port = port;
        Protocol = protocol;
        Formats = formats;
        Attributes = attributes;
    }

    /// <summary>audio, video, application.</summary>
    public string Kind { get; }

    /// <summary>0: refused, or with <c>a=bundle-only</c> carried by another section's transport (RFC 9143 §6).</summary>
    public int Port { get; }

    public string Protocol { get; }

    /// <summary>Payload types in order of preference; for <c>application</c> something else.</summary>
    public IReadOnlyList<string> Formats { get; }

    public IReadOnlyList<SdpAttribute> Attributes { get; }

    /// <summary>RFC 5888 §4; null when the peer names none.</summary>
    public string? Mid => Find("mid");

    public bool IsDisabled => Port == 0 && Find("bundle-only") is null;

    /// <summary>RFC 8866 §6.7: sendrecv unless said otherwise.</summary>
    public bool Receives => Find("sendonly") is null && Find("inactive") is null;

    /// <summary>RTP over DTLS-SRTP with feedback, in any of its spellings (RFC 5764 §8, RFC 8841 keeps the rest).</summary>
    public bool IsDtlsSrtp => Protocol is "UDP/TLS/RTP/SAVPF" or "TCP/DTLS/RTP/SAVPF" or "UDP/TLS/RTP/SAVP" or "RTP/SAVPF";

    /// <summary>The first attribute of that name.</summary>
    public string? Find(string name) => SdpDescription.Find(Attributes, name);

    internal static bool TryParse(
        ReadOnlySpan<char> line, IReadOnlyList<SdpAttribute> attributes, [NotNullWhen(true)] out SdpMediaSection? section)
    {
        section = null;
        var fields = line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 4)
            return false;

        var port = fields[1].AsSpan();
        int slash = port.IndexOf('/');      // "port/count"
        if (slash >= 0)
            port = port[..slash];
        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int portNumber) || portNumber > ushort.MaxValue)
            return false;

        section = new SdpMediaSection(fields[0], portNumber, fields[2], fields[3..], attributes);
        return true;
    }
}
