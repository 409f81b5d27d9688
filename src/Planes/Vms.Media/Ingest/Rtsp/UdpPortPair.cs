using System.Net;
using System.Net.Sockets;

namespace Vms.Media.Ingest.Rtsp;

/// <summary>Two neighbouring UDP ports, the even one for RTP (RFC 3550 §11). Owns the sockets.</summary>
internal sealed class UdpPortPair : IDisposable
{
    private const int Attempts = 64;
    private const int ReceiveBufferBytes = 4 << 20;     // a keyframe burst of a 4K stream; the system may grant less

    private UdpPortPair(Socket rtp, Socket rtcp, int rtpPort)
    {
        Rtp = rtp;
        Rtcp = rtcp;
        RtpPort = rtpPort;
    }

    public Socket Rtp { get; }

    public Socket Rtcp { get; }

    public int RtpPort { get; }

    /// <param name="local">Our address on the connection to the camera.</param>
    /// <exception cref="SocketException">No pair of ports is free.</exception>
    public static UdpPortPair Open(IPAddress local)
    {
        for (int attempt = 1; ; attempt++)
        {
            var first = Bind(local, 0);
            int port = ((IPEndPoint)first.LocalEndPoint!).Port;
            try
            {
                var second = Bind(local, port ^ 1);
                return (port & 1) == 0 ? new(first, second, port) : new(second, first, port - 1);
            }
            catch (SocketException) when (attempt < Attempts)
            {
                first.Dispose();        // the neighbour is taken: another pair
            }
            catch
            {
                first.Dispose();
                throw;
            }
        }
    }

    /// <summary>The two ports of a multicast group. Several sockets may share them: packets of other senders are told by their source.</summary>
    /// <param name="rtcpPort">0: none is named; the sender's reports are not received then.</param>
    /// <param name="local">Our address on the connection to the camera: the group is joined there.</param>
    /// <exception cref="SocketException">The group cannot be joined.</exception>
    public static UdpPortPair Join(IPAddress group, int rtpPort, int rtcpPort, IPAddress local)
    {
        var rtp = Join(group, rtpPort, local);
        try
        {
            return new(rtp, rtcpPort > 0 ? Join(group, rtcpPort, local) : Bind(local, 0), rtpPort);
        }
        catch
        {
            rtp.Dispose();
            throw;
        }
    }

    public static bool IsMulticast(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? address.IsIPv6Multicast : address.GetAddressBytes()[0] is >= 224 and <= 239;

    public void Dispose()
    {
        Rtp.Dispose();
        Rtcp.Dispose();
    }

    private static Socket Bind(IPAddress local, int port)
    {
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.ReceiveBufferSize = ReceiveBufferBytes;
            socket.Bind(new IPEndPoint(local, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket Join(IPAddress group, int port, IPAddress local)
    {
        var socket = new Socket(group.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.ReceiveBufferSize = ReceiveBufferBytes;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);

            // Bound to the group, Linux keeps datagrams of other groups out; Windows binds to local addresses only.
            var any = group.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
            socket.Bind(new IPEndPoint(OperatingSystem.IsWindows() ? any : group, port));
            if (group.AddressFamily == AddressFamily.InterNetwork)
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(group, local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local));
            else
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(group, local.ScopeId));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
