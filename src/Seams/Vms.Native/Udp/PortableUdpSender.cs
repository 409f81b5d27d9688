using System.Net;
using System.Net.Sockets;

namespace Vms.Native.Udp;

/// <summary>.NET's own calls: one per packet.</summary>
internal sealed class PortableUdpSender : UdpSender
{
    private readonly Socket _socket;
    private readonly bool _v6;
    private readonly SocketAddress _address;

    public PortableUdpSender(UdpMediaSocket socket)
    {
        _socket = socket.Socket;
        _v6 = socket.IsV6;
        _address = new SocketAddress(_socket.AddressFamily);
        _socket.SendTimeout = (int)MaxWait.TotalMilliseconds;
    }

    public override void Dispose()
    {
    }

    protected override void Send(Span<UdpMessage> messages)
    {
        foreach (ref var message in messages)
        {
            _address.Size = message.Peer.WriteSocketAddress(_address.Buffer.Span, _v6);
            message.Outcome = SendPackets(message);
        }
    }

    private UdpSendOutcome SendPackets(in UdpMessage message)
    {
        try
        {
            for (int at = 0; at < message.Length; at += message.SegmentLength)
            {
                int length = Math.Min(message.SegmentLength, message.Length - at);
                _socket.SendTo(Bytes(message.Offset + at, length), SocketFlags.None, _address);
            }

            return UdpSendOutcome.Sent;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.WouldBlock or SocketError.TimedOut or SocketError.NoBufferSpaceAvailable
                ? UdpSendOutcome.WouldBlock
                : UdpSendOutcome.Refused;
        }
        catch (ObjectDisposedException)
        {
            return UdpSendOutcome.Refused;      // stopping
        }
    }
}
