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
}
