using Vms.Native.Udp;
using Vms.WebRtc.Ice;

namespace Vms.Media.Egress.WebRtc;

/// <summary>The way to a peer: a UDP address, or a TCP connection that it has opened (RFC 6544).</summary>
/// <param name="Udp">Only without <paramref name="Tcp"/>.</param>
/// <param name="Tcp">Null for UDP.</param>
internal readonly record struct PeerPath(UdpPeer Udp, IceTcpConnection? Tcp)
{
    /// <summary>As ICE sees it.</summary>
    public TransportAddress Address => Tcp?.Address ?? new(Udp.Address, Udp.Port, Udp.IsV6, IceTransport.Udp);

    /// <summary>Sends one datagram; by UDP with the sender's next flush.</summary>
    public void Send(UdpSender sender, ReadOnlySpan<byte> datagram)
    {
        if (Tcp is not null)
        {
            Tcp.Append(datagram);
            Tcp.Flush();
            return;
        }

        var room = sender.Reserve();
        if (room.IsEmpty)
        {
            sender.Flush();
            sender.Clear();
            room = sender.Reserve();
        }

        datagram.CopyTo(room);
        sender.Commit(Udp, datagram.Length, tag: 0, segmented: false);
    }
}
