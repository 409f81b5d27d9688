using Vms.Native.Udp;
using Vms.Rtp;
using Vms.WebRtc.Ice;
using Vms.WebRtc.Srtp;
using Vms.WebRtc.Stun;

namespace Vms.Media.Egress.WebRtc;

/// <summary>The receiving thread: tells the protocols on the socket apart by their first byte (RFC 7983).</summary>
internal sealed partial class WebRtcServer
{
    private static readonly TimeSpan s_receiveTimeout = TimeSpan.FromMilliseconds(500);
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
                Dispatch(receiver.Datagram(i), new PeerPath(receiver.Peer(i), null), replies);

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

    /// <summary>On a thread of the pool, one packet of a connection at a time.</summary>
    private void ReceiveByTcp(IceTcpConnection connection, Memory<byte> packet) =>
        Dispatch(packet.Span, new PeerPath(default, connection), replies: null!);

    private void OnTcpEnded(IceTcpConnection connection)
    {
        if (_sessions.TryFind(connection.Address, out var session) && session.Uses(connection))
            Close(session, SessionEnd.PeerClosed);
    }

    /// <summary>One bad datagram must not end the thread that all viewers depend on.</summary>
    /// <param name="replies">Answers by UDP, sent after the batch; not needed for TCP.</param>
    private void Dispatch(Span<byte> datagram, in PeerPath from, UdpSender replies)
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

    private void OnStun(ReadOnlySpan<byte> datagram, in PeerPath from, UdpSender replies)
    {
        if (!StunMessage.TryParse(datagram, out var message))
        {
            Counters.Malformed();
            return;
        }

        if (message.Type != StunMessageType.BindingRequest)
            return;     // an indication keeps a NAT open and wants no answer

        if (!IceLiteAgent.TryReadLocalFragment(message, out var named) || !_sessions.TryFindByFragment(named, out var session))
        {
            Counters.Unauthenticated();
            return;
        }

        Span<byte> response = stackalloc byte[IceLiteAgent.MaxResponseLength];
        switch (session.Check(message, from, Now, response, out int length))
        {
            case IceCheckOutcome.Ignored:
                Counters.Unauthenticated();
                break;
            case IceCheckOutcome.Validated or IceCheckOutcome.Selected:
                if (from.Tcp is not null)
                    from.Tcp.IsValidated = true;
                _sessions.Bind(from.Address, session);
                var stale = session.Forget(out var fragment, out var connections);
                foreach (var address in stale)
                    _sessions.Forget(address, session);
                _sessions.Forget(fragment);
                foreach (var connection in connections)
                    connection.Close();
                if (session.End != SessionEnd.None)
                    _sessions.Forget(from.Address, session);        // it ended while it was bound
                break;
        }

        if (length > 0)
            from.Send(replies, response[..length]);
    }

    private void OnDtls(ReadOnlySpan<byte> datagram, in PeerPath from)
    {
        var address = from.Address;
        if (_sessions.TryFind(address, out var session) && session.IsValidated(address))
            _handshakes.Receive(session.Dtls, datagram, from);
        else
            Counters.Unauthenticated();
    }

    private void OnRtcp(Span<byte> datagram, in PeerPath from)
    {
        if (!_sessions.TryFind(from.Address, out var session))
        {
            Counters.Unauthenticated();
            return;
        }

        // A viewer sends no media; what is no RTCP is not for us.
        if (!RtpPacketView.IsRtcp(datagram))
            return;
        if (session.ReceiveReport(datagram, Now) == SrtcpOutcome.Forged)
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
}
