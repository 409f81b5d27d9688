using System.Net;
using System.Net.Sockets;

namespace Vms.Native.Udp;

/// <summary>
/// The one UDP socket through which all viewers are served. One thread receives, several may send; each takes its own
/// <see cref="UdpReceiver"/> or <see cref="UdpSender"/>. Linux: recvmmsg, sendmmsg and segmentation offload; elsewhere .NET's
/// own calls.
/// </summary>
public sealed class UdpMediaSocket : IDisposable
{
    private const int UdpLevel = 17;            // SOL_UDP
    private const int UdpSegment = 103;         // UDP_SEGMENT, linux/udp.h
    private const int SocketLevel = 1;          // SOL_SOCKET
    private const int SendBufferForce = 32;     // SO_SNDBUFFORCE
    private const int ReceiveBufferForce = 33;  // SO_RCVBUFFORCE
    private const int SioUdpConnReset = unchecked((int)0x9800000C);
    private readonly Socket _socket;

    private UdpMediaSocket(Socket socket)
    {
        _socket = socket;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        IsV6 = socket.AddressFamily == AddressFamily.InterNetworkV6;
        HasSegmentation = OperatingSystem.IsLinux() && ProbeSegmentation(socket);
    }

    public IPEndPoint LocalEndPoint { get; }

    /// <summary>The kernel cuts one send into packets (Linux 4.18). A network device may still refuse; that is found per peer.</summary>
    public bool HasSegmentation { get; }

    internal bool IsV6 { get; }

    internal Socket Socket => _socket;

    /// <param name="local">Port 0 takes any. The IPv6 wildcard serves IPv4 too.</param>
    /// <param name="sendBufferBytes">Wanted; the system may give less.</param>
    /// <param name="receiveBufferBytes">Wanted; the system may give less.</param>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static UdpMediaSocket Bind(IPEndPoint local, int sendBufferBytes, int receiveBufferBytes)
    {
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (local.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = true;
            SetBuffers(socket, sendBufferBytes, receiveBufferBytes);
            if (OperatingSystem.IsWindows())
                socket.IOControl(SioUdpConnReset, [0, 0, 0, 0], null);  // a viewer that vanished must not break the socket
            socket.Bind(local);
            return new UdpMediaSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public UdpReceiver CreateReceiver() =>
        OperatingSystem.IsLinux() ? new LinuxUdpReceiver(this) : new PortableUdpReceiver(this);

    public UdpSender CreateSender() =>
        OperatingSystem.IsLinux() ? new LinuxUdpSender(this) : new PortableUdpSender(this);

    /// <summary>The calls that every system has, for comparison.</summary>
    internal UdpSender CreatePortableSender() => new PortableUdpSender(this);

    /// <summary>As <see cref="CreatePortableSender"/>.</summary>
    internal UdpReceiver CreatePortableReceiver() => new PortableUdpReceiver(this);

    public void Dispose() => _socket.Dispose();

    /// <summary>Linux caps the ordinary option at net.core.*mem_max (208 KiB); with the right to, it can be passed.</summary>
    private static void SetBuffers(Socket socket, int sendBytes, int receiveBytes)
    {
        socket.SendBufferSize = sendBytes;
        socket.ReceiveBufferSize = receiveBytes;
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            socket.SetRawSocketOption(SocketLevel, SendBufferForce, BitConverter.GetBytes(sendBytes));
            socket.SetRawSocketOption(SocketLevel, ReceiveBufferForce, BitConverter.GetBytes(receiveBytes));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            // Without CAP_NET_ADMIN the capped size stays.
        }
    }

    private static bool ProbeSegmentation(Socket socket)
    {
        try
        {
            socket.GetRawSocketOption(UdpLevel, UdpSegment, new byte[sizeof(int)]);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
