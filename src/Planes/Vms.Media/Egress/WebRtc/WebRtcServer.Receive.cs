using Vms.Native.Udp;
using Vms.Rtp;
using Vms.WebRtc.Ice;
using Vms.WebRtc.Srtp;
using Vms.WebRtc.Stun;

namespace Vms.Media.Egress.WebRtc;

/// <summary>The receiving thread: tells the protocols on the socket apart by their first byte (RFC 7983).</summary>
internal sealed partial class WebRtcServer
{
    private static readonly TimeSpan s_receiveTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_sweepInterval = TimeSpan.FromSeconds(1);

    private void Receive()
    {
        using var receiver = _socket.CreateReceiver();
        using var replies = _socket.CreateSender();
        var nextSweep = s_sweepInterval;
        while (!_stopping)
        {
            int count = receiver.Receive(s_receiveTimeout);
            _progress.Beat();
            for (int i = 0; i < count; i++)
                Dispatch(receiver.Datagram(i), receiver.Peer(i), replies);

            if (replies.Count > 0)
            {
                replies.Flush();
                replies.Clear();
            }

            if (Now >= nextSweep)
            {
                nextSweep = Now + s_sweepInterval;
                EndOverdue();
            }
        }
    }

    /// <summary>One bad datagram must not end the thread that all viewers depend on.</summary>
    private void Dispatch(Span<byte> datagram, UdpPeer from, UdpSender replies)
    {
        try
        {
            switch (datagram)
            {
                case [< 4, ..]:
                    OnStun(datagram, from, replies);
                    break;
                case [>= 20 and <= 63, ..]:
                    OnDtls(datagram, from);
                    break;
                case [>= 128 and <= 191, ..]:
                    OnRtcp(datagram, from);
                    break;
                default:
                    Counters.Malformed();
                    break;
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.ReceiveFailed(_logger, e);
        }
    }

    private void OnStun(ReadOnlySpan<byte> datagram, UdpPeer from, UdpSender replies)
    {
        if (!StunMessage.TryParse(datagram, out var message))
        {
            Counters.Malformed();
            return;
        }

        if (message.Type != StunMessageType.BindingRequest)
            return;     // an indication keeps a NAT open and wants no answer

        if (!IceLiteAgent.TryReadLocalFragment(message, out var fragment) || !_sessions.TryFindByFragment(fragment, out var session))
        {
            Counters.Unauthenticated();
            return;
        }

        var room = replies.Reserve();
        if (room.IsEmpty)
            return;     // the peer asks again
        var address = AddressOf(from);
        switch (session.Check(message, address, from, Now, room, out int length))
        {
            case IceCheckOutcome.Ignored:
                Counters.Unauthenticated();
                break;
            case IceCheckOutcome.Validated or IceCheckOutcome.Selected:
                _sessions.Bind(address, session);
                break;
        }

        if (length > 0)
            replies.Commit(from, length, tag: 0, segmented: false);
    }

    private void OnDtls(ReadOnlySpan<byte> datagram, UdpPeer from)
    {
        var address = AddressOf(from);
        if (_sessions.TryFind(address, out var session) && session.IsValidated(address))
            _handshakes.Receive(session.Dtls, datagram, from);
        else
            Counters.Unauthenticated();
    }

    private void OnRtcp(Span<byte> datagram, UdpPeer from)
    {
        if (!_sessions.TryFind(AddressOf(from), out var session))
        {
            Counters.Unauthenticated();
            return;
        }

        // A viewer sends no media; what is no RTCP is not for us.
        if (!RtpPacketView.IsRtcp(datagram))
            return;
        if (session.ReceiveReport(datagram) == SrtcpOutcome.Forged)
            Counters.Unauthenticated();
    }

    private void EndOverdue()
    {
        var now = Now;
        foreach (var session in _sessions.All)
        {
            var end = session.Overdue(now);
            if (end != SessionEnd.None)
                Close(session, end);
        }
    }

    private static TransportAddress AddressOf(in UdpPeer peer) => new(peer.Address, peer.Port, peer.IsV6, IceTransport.Udp);
}
