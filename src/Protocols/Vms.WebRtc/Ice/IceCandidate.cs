using System.Net;
using System.Net.Sockets;

namespace Vms.WebRtc.Ice;

/// <summary>A host candidate of ours (RFC 8445 §5.1.1.1); an ICE-lite agent has no others.</summary>
/// <param name="EndPoint">Where the peer sends to.</param>
/// <param name="Transport">UDP, or TCP in the passive role (RFC 6544).</param>
public sealed record IceCandidate(IPEndPoint EndPoint, IceTransport Transport)
{
    private const uint HostTypePreference = 126;    // RFC 8445 §5.1.2.2
    private const uint RtpComponent = 1;

    /// <summary>The attribute's value as in RFC 8839 §5.1.</summary>
    /// <param name="preference">Position in the list, 0 is the most wanted.</param>
    public string ToSdp(int preference)
    {
        bool tcp = Transport == IceTransport.Tcp;
        // Equal foundations are paired and frozen together: one per address family, transport and address.
        int foundation = preference + 1;
        uint priority = Priority(preference);
        return $"{foundation} {RtpComponent} {(tcp ? "tcp" : "udp")} {priority} {EndPoint.Address} {EndPoint.Port} typ host"
            + (tcp ? " tcptype passive" : "");
    }

    /// <summary>RFC 8445 §5.1.2.1, with RFC 6544 §4.2 in mind: any UDP candidate is better than any TCP one.</summary>
    private uint Priority(int preference)
    {
        uint family = EndPoint.AddressFamily == AddressFamily.InterNetworkV6 ? 1u : 0u;
        uint typePreference = Transport == IceTransport.Tcp ? HostTypePreference - 36 : HostTypePreference;
        uint localPreference = 65535 - (uint)preference * 2 - (1 - family);
        return (typePreference << 24) | (localPreference << 8) | (256 - RtpComponent);
    }
}
