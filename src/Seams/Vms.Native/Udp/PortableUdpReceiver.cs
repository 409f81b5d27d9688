using System.Net;
using System.Net.Sockets;

namespace Vms.Native.Udp;

/// <summary>.NET's own calls: one datagram each, as long as there are any.</summary>
internal sealed class PortableUdpReceiver : UdpReceiver
{
    private readonly Socket _socket;
    private readonly bool _v6;
    private readonly SocketAddress _address;

    public PortableUdpReceiver(UdpMediaSocket socket)
    {
        _socket = socket.Socket;
        _v6 = socket.IsV6;
        _address = new SocketAddress(_socket.AddressFamily);
    }

    public override int Receive(TimeSpan timeout)
    {
        try
        {
            if (!_socket.Poll(timeout, SelectMode.SelectRead))
                return 0;

            int count = 0;
            do
            {
                Lengths[count] = _socket.ReceiveFrom(Slot(count), SocketFlags.None, _address);
                Peers[count] = UdpPeer.FromSocketAddress(_address.Buffer.Span, _v6);
                count++;
            }
            while (count < Capacity && _socket.Available > 0);
            return count;
        }
        catch (ObjectDisposedException)
        {
            return -1;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted
            or SocketError.NotSocket)
        {
            return -1;
        }
        catch (SocketException)
        {
            return 0;       // a datagram too long for the slot, or word of an unreachable peer
        }
    }

    public override void Dispose()
    {
    }
}
