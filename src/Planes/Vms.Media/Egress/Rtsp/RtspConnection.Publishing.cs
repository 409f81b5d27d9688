using System.Net;
using System.Net.Sockets;
using Vms.Media.Ingest;
using Vms.Media.Ingest.Push;
using Vms.Media.Ingest.Rtsp;
using Vms.Rtsp;
using Vms.Rtsp.Server;

namespace Vms.Media.Egress.Rtsp;

/// <summary>A client that sends: ANNOUNCE, SETUP, RECORD (RFC 2326 §10.3, §10.11), then packets on this connection or by UDP.</summary>
internal sealed partial class RtspConnection
{
    /// <summary>A publisher's media come in large pieces.</summary>
    private const int PublishingStep = 64 << 10;

    private const int MaxDatagramBytes = 64 << 10;

    /// <summary>The pipeline has to take the publisher over; it is a few milliseconds.</summary>
    private static readonly TimeSpan s_attachPatience = TimeSpan.FromSeconds(15);

    private readonly int[] _sectionOfChannel = new int[byte.MaxValue + 1];     // 1 + 2 × section, + 1 for RTCP; 0: nobody's
    private readonly SortedDictionary<int, (RtspTransportOffer Transport, UdpPortPair? Ports)> _recorded = [];
    private PublishedTracks? _published;
    private PublishSession? _publishing;

    private RtspAction Announce(RtspAction action)
    {
        if (!RtspPath.TryParse(action.Target!.Path, out var cameraId, out var name) || !_server.Registry.TryGet(cameraId, name, out var stream))
            return _session.Refuse(404);
        if (stream.PublishPoint is not { } point)
            return _session.Refuse(405);        // a camera that we connect to
        if (!PublishedTracks.TryChoose(action.Description!, out var chosen))
        {
            point.Refuse($"A publisher offered {Encodings(action.Description!)}; supported is {string.Join(", ", VideoFormats.Encodings)}.");
            return _session.Refuse(415);
        }

        if (point.IsTaken)
            return _session.Refuse(409);
        Stream = stream;
        _published = chosen;
        return _session.Announced(action.Description!);
    }

    private RtspAction SetUpToRecord(RtspAction action)
    {
        if (_recorded.ContainsKey(action.Track))
            return _session.Refuse(455);
        UdpPortPair? ports = null;
        if (!action.Transport.IsInterleaved)
        {
            try
            {
                ports = UdpPortPair.Open(ToIPv4(((IPEndPoint)_socket.LocalEndPoint!).Address));
            }
            catch (SocketException)
            {
                return _session.Refuse(461);
            }
        }

        _recorded[action.Track] = (action.Transport, ports);
        return _session.SetUpToRecord(ports?.RtpPort ?? 0);
    }

    private async ValueTask<RtspAction> RecordAsync()
    {
        // Without the picture there is nothing to take: what the others are is told by its description.
        if (Stream?.PublishPoint is not { } point || !_recorded.ContainsKey(_published!.Media[0]))
            return _session.Refuse(455);

        foreach (var (section, (transport, _)) in _recorded.Reverse().Where(r => r.Value.Transport.IsInterleaved))
        {
            _sectionOfChannel[transport.RtcpChannel!.Value] = (2 * section) + 2;
            _sectionOfChannel[transport.RtpChannel!.Value] = (2 * section) + 1;
        }

        bool isUdp = _recorded.Values.Any(r => r.Ports is not null);
        var session = new PublishSession(_published, User!, _remote.Address, isUdp, SendReport, IngestTime.Now(_server.Time).Monotonic);
        if (!point.TryTake(session))
            return _session.Refuse(409);

        Volatile.Write(ref _publishing, session);
        _ = EndWithAsync(session);
        try
        {
            await session.Attached.WaitAsync(s_attachPatience, _server.Time, _ended.Token);
        }
        catch (TimeoutException)
        {
            StopPublishing(RtspEnd.TimedOut);
            return _session.Refuse(503);
        }

        foreach (var (section, (_, ports)) in _recorded)
        {
            if (ports is not null)
            {
                _ = ReceiveDatagramsAsync(session, section, isRtcp: false, ports.Rtp);
                _ = ReceiveDatagramsAsync(session, section, isRtcp: true, ports.Rtcp);
            }
        }

        return _session.Recorded();
    }

    private void Receive(byte channel, ReadOnlySpan<byte> payload, in IngestTime now)
    {
        int place = _sectionOfChannel[channel] - 1;
        if (place < 0)
            _publishing!.CountForeign();
        else
            _publishing!.Receive(place >> 1, (place & 1) != 0, payload, now);
    }

    /// <summary>Only what comes from the machine that RTSP comes from counts.</summary>
    private async Task ReceiveDatagramsAsync(PublishSession session, int section, bool isRtcp, Socket socket)
    {
        await Task.Yield();     // never on the caller, whom a flood would hold
        byte[] buffer = GC.AllocateUninitializedArray<byte>(MaxDatagramBytes, pinned: true);
        var from = new SocketAddress(socket.AddressFamily);
        var expected = new IPEndPoint(ToIPv4(_remote.Address), 0).Serialize();
        while (!session.Ended.IsCompleted)
        {
            try
            {
                int length = await socket.ReceiveFromAsync(buffer, SocketFlags.None, from, _ended.Token);
                if (!SameAddress(from, expected))
                {
                    session.CountForeign();
                    continue;
                }

                session.Receive(section, isRtcp, buffer.AsSpan(0, length), IngestTime.Now(_server.Time));
                if (socket.Available == 0)
                    session.EndPass();
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused)
            {
                continue;       // an ICMP answer to a report of ours
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    /// <summary>The session is over: so is the connection, and the publisher may come again.</summary>
    private async Task EndWithAsync(PublishSession session)
    {
        await session.Ended;
        if (_publishing == session)
            End(RtspEnd.PublishingEnded);
    }

    private void StopPublishing(RtspEnd end)
    {
        if (Interlocked.Exchange(ref _publishing, null) is { } session)
            session.Finish(new(PullEndKind.PeerClosed, end == RtspEnd.PeerClosed ? "It said goodbye or closed the connection." : "The connection ended."));
        foreach (var (_, ports) in _recorded.Values)
            ports?.Dispose();
        _recorded.Clear();
        Array.Clear(_sectionOfChannel);
    }

    /// <summary>From the receiver's clock. Lost ones do not matter.</summary>
    private void SendReport(int section, byte[] report, int length)
    {
        if (!_recorded.TryGetValue(section, out var track))
            return;
        if (track.Ports is not { } ports)
        {
            Output.Reply([(byte)'$', track.Transport.RtcpChannel!.Value, (byte)(length >> 8), (byte)length, .. report.AsSpan(0, length)]);
            return;
        }

        try
        {
            ports.Rtcp.SendTo(report.AsSpan(0, length), SocketFlags.None, new IPEndPoint(ToIPv4(_remote.Address), track.Transport.ClientRtcpPort));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return;
        }
    }

    private static IPAddress ToIPv4(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Without the port: a NAT may have changed that.</summary>
    private static bool SameAddress(SocketAddress left, SocketAddress right)
    {
        var (first, length) = left.Family == AddressFamily.InterNetwork ? (4, 4) : (8, 16);      // behind family, port (and flow label)
        return left.Family == right.Family
            && left.Buffer.Span.Slice(first, length).SequenceEqual(right.Buffer.Span.Slice(first, length));
    }

    private static string Encodings(SessionDescription description) =>
        string.Join(", ", description.Media.Take(4).Select(m => m.Encoding.Length > 0 ? m.Encoding : "an unnamed track"));
}
