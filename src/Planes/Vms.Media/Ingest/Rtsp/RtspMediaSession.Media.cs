using System.Net;
using System.Net.Sockets;
using Vms.Rtsp;

namespace Vms.Media.Ingest.Rtsp;

internal sealed partial class RtspMediaSession
{
    /// <param name="source">Address bytes of the sender, 4 or 16. Only the camera's datagrams count; its port is not checked, because
    /// some cameras name none (OpenIPC).</param>
    public void RtpReceived(int track, ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> source, in IngestTime now)
    {
        if (!IsOurs(track, source))
        {
            _counters.Foreign();
            return;
        }

        _tracks[track].Receive(datagram, now);
        AfterMedia(now);
    }

    public void RtcpReceived(int track, ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> source, in IngestTime now)
    {
        if (!IsOurs(track, source))
        {
            _counters.Foreign();
            return;
        }

        Rtcp(track, datagram, now);
    }

    private bool IsOurs(int track, ReadOnlySpan<byte> source) =>
        _mediaOpen && End is null && track < _tracks.Count && source.SequenceEqual(_peerAddress);

    private void Interleaved(byte channel, ReadOnlySpan<byte> payload, in IngestTime now)
    {
        int place = _mediaOpen ? _channels[channel] - 1 : -1;
        if (place >= 0 && (place & 1) == 0)
        {
            _tracks[place >> 1].Receive(payload, now);
            AfterMedia(now);
        }
        else if (place >= 0)
        {
            Rtcp(place >> 1, payload, now);
        }
        else if (_farewellUntil is null)
        {
            _counters.Foreign();        // some cameras send on channels that nobody asked for
        }
    }

    private void Rtcp(int track, ReadOnlySpan<byte> datagram, in IngestTime now)
    {
        if (_tracks[track].ReceiveRtcp(datagram, now) && track == 0)
            Finish(new(PullEndKind.PeerClosed, "The camera said goodbye (RTCP BYE)."));
    }

    private void AfterMedia(in IngestTime now)
    {
        if (_tracks.Video.LastSampleAt == now.Monotonic)
            _garbageAtUnit = _reader.GarbageBytes;
        if (_samples.RunSamples > 0 && !_firstSample.Task.IsCompleted)
            _firstSample.TrySetResult();
    }

    private void OpenMedia()
    {
        var tracks = _rtsp.Tracks;
        if (_transport == RtspTransport.Multicast && !TryJoin(tracks))
            return;

        _mediaOpen = true;
        for (int i = tracks.Count - 1; i >= 0; i--)      // where two name one channel, the video track has it
        {
            _channels[tracks[i].RtcpChannel] = (byte)((2 * i) + 2);
            _channels[tracks[i].RtpChannel] = (byte)((2 * i) + 1);
        }

        _tracks.BeginRun(tracks, _udp.Count == 0 ? TimeSpan.Zero : _options.ReorderWait);
        if (_transport == RtspTransport.Udp)
        {
            foreach (var track in tracks)
                OpenFirewall(_udp[track.Index], track.Transport);
        }
    }

    /// <summary>The sockets of a track, opened when its SETUP is about to be sent.</summary>
    /// <exception cref="SocketException">No pair of ports is free.</exception>
    private int OpenPorts(int track)
    {
        if (track == _udp.Count)        // else a track before it was refused and left its ports
        {
            _udp.Add(UdpPortPair.Open(Control.Local));
            PortsOpened?.Invoke(track, _udp[track]);
        }

        return _udp[track].RtpPort;
    }

    private bool TryJoin(IReadOnlyList<RtspTrack> tracks)
    {
        foreach (var track in tracks)
        {
            var transport = track.Transport;
            if (!IPAddress.TryParse(transport.Destination, out var group) || !UdpPortPair.IsMulticast(group))
            {
                Finish(new(PullEndKind.TransportRefused, "The camera names no multicast group."));
                return false;
            }

            _udp.Add(UdpPortPair.Join(group, transport.MulticastRtpPort!.Value, transport.MulticastRtcpPort ?? 0, Control.Local));
            PortsOpened?.Invoke(track.Index, _udp[^1]);
        }

        return true;
    }

    /// <summary>One datagram out on each port lets those of the camera through a stateful firewall.</summary>
    private void OpenFirewall(UdpPortPair udp, TransportHeader transport)
    {
        ReadOnlySpan<byte> rtp = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];           // an RTP header without payload
        ReadOnlySpan<byte> rtcp = [0x80, 201, 0, 1, 0, 0, 0, 0];                    // an empty receiver report
        if (transport.ServerRtpPort is { } rtpPort)
            SendDatagram(udp.Rtp, rtp, rtpPort);
        if (transport.ServerRtcpPort is { } rtcpPort)
            SendDatagram(udp.Rtcp, rtcp, rtcpPort);
    }

    /// <summary>One receiver report per track. None to a multicast group: the others in it would have to read them.</summary>
    private void SendReports(in IngestTime now)
    {
        for (int i = 0; i < _tracks.Count && End is null && _transport != RtspTransport.Multicast; i++)
        {
            int length = _tracks[i].WriteReport(_report.AsSpan(4), Cname, now);
            if (_udp.Count > 0)
            {
                if (_rtsp.Tracks[i].Transport.ServerRtcpPort is { } port)
                    SendDatagram(_udp[i].Rtcp, _report.AsSpan(4, length), port);
                continue;
            }

            _report[0] = (byte)'$';
            _report[1] = _rtsp.Tracks[i].RtcpChannel;
            _report[2] = (byte)(length >> 8);
            _report[3] = (byte)length;
            SendControl(_report.AsSpan(0, 4 + length));
        }
    }

    /// <summary>Lost ones do not matter.</summary>
    private void SendDatagram(Socket socket, ReadOnlySpan<byte> bytes, int port)
    {
        try
        {
            socket.SendTo(bytes, SocketFlags.None, new IPEndPoint(_peer, port));
        }
        catch (SocketException e) when (e.SocketErrorCode is not SocketError.NotSocket)
        {
            _counters.Foreign();
        }
    }
}
