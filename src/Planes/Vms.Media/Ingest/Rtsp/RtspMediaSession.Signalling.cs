using System.Net;
using System.Net.Sockets;
using Vms.Rtsp;

namespace Vms.Media.Ingest.Rtsp;

internal sealed partial class RtspMediaSession
{
    private const string Cname = "vms";

    /// <summary>Room behind the bytes that wait for their rest; at least one byte.</summary>
    public Memory<byte> ReceiveSpace
    {
        get
        {
            if (_end == _buffer.Length)
                MakeRoom(_end - _start + 1);
            return _buffer.AsMemory(_end);
        }
    }

    /// <param name="count">Bytes that came into <see cref="ReceiveSpace"/>.</param>
    public void ControlReceived(int count, in IngestTime now)
    {
        _end += count;
        while (End is null)
        {
            var item = _reader.Read(_buffer.AsSpan(_start, _end - _start));
            _start += item.Consumed;
            switch (item.Kind)
            {
                case RtspItemKind.Interleaved:
                    Interleaved(item.Channel, item.Payload, now);
                    break;
                case RtspItemKind.Message:
                    _heard = true;
                    if (_farewellUntil is not null)
                    {
                        EndFarewell();
                        break;
                    }

                    _rtsp.Receive(item.Message!, now.Monotonic);
                    AfterSignalling(now);
                    break;
                case RtspItemKind.Violation:
                    _rtsp.Violate(item.Violation);
                    AfterSignalling(now);
                    break;
                default:
                    if (_start == _end)
                        _start = _end = 0;
                    else if (item.Wanted > _buffer.Length - _start)
                        MakeRoom(item.Wanted);
                    return;
            }
        }
    }

    /// <summary>End of the stream, or an error of the socket.</summary>
    public void ControlClosed(SocketError error)
    {
        if (_farewellUntil is not null)
        {
            EndFarewell();
            return;
        }

        string detail = error == SocketError.Success ? "The camera closed the connection." : $"The connection to the camera broke ({error}).";
        Finish(new(PullEndKind.PeerClosed, detail));
    }

    private void MakeRoom(int wanted)
    {
        byte[] target = _buffer;
        if (wanted > _buffer.Length)
            target = GC.AllocateUninitializedArray<byte>(Math.Min(Math.Max(wanted, _buffer.Length * 2), RtspMessageReader.MaxItemBytes), pinned: true);
        _buffer.AsSpan(_start, _end - _start).CopyTo(target);
        _end -= _start;
        _start = 0;
        _buffer = target;
    }

    private void AfterSignalling(in IngestTime now)
    {
        if (!_mediaOpen && _rtsp.State is RtspSessionState.Starting or RtspSessionState.Playing)
            OpenMedia();
        if (_playingSince is null && _rtsp.State == RtspSessionState.Playing)
        {
            _playingSince = now.Monotonic;
            _reportAt = now.Monotonic + s_reportInterval;
            _playing.TrySetResult();
        }

        Flush();
        if (_rtsp.Failure is not { } failure || End is not null)
            return;

        // Silence after nothing but nonsense is not a slow camera.
        bool nonsense = failure.Kind == RtspFailureKind.Timeout && !_heard && _reader.GarbageBytes > 0;
        Finish(nonsense ? new(PullEndKind.ProtocolViolation, "What answers there does not speak RTSP.") : PullEnd.From(failure));
    }

    private void OpenMedia()
    {
        _mediaOpen = true;
        _rtpChannel = _rtsp.Transport!.RtpChannel ?? 0;
        _rtcpChannel = _rtsp.Transport.RtcpChannel ?? 1;
        _video.BeginRun(_rtsp.Video!, Udp is null ? TimeSpan.Zero : _options.ReorderWait);
        if (Udp is not null)
            OpenFirewall(_rtsp.Transport);
    }

    /// <summary>One datagram out on each port lets those of the camera through a stateful firewall.</summary>
    private void OpenFirewall(TransportHeader transport)
    {
        ReadOnlySpan<byte> rtp = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];           // an RTP header without payload
        ReadOnlySpan<byte> rtcp = [0x80, 201, 0, 1, 0, 0, 0, 0];                    // an empty receiver report
        if (transport.ServerRtpPort is { } rtpPort)
            SendDatagram(Udp!.Rtp, rtp, rtpPort);
        if (transport.ServerRtcpPort is { } rtcpPort)
            SendDatagram(Udp!.Rtcp, rtcp, rtcpPort);
    }

    private void SendReport(in IngestTime now)
    {
        int length = _video.WriteReport(_report.AsSpan(4), _ssrc, Cname, now);
        if (Udp is not null)
        {
            if (_rtsp.Transport!.ServerRtcpPort is { } port)
                SendDatagram(Udp.Rtcp, _report.AsSpan(4, length), port);
            return;
        }

        _report[0] = (byte)'$';
        _report[1] = _rtcpChannel;
        _report[2] = (byte)(length >> 8);
        _report[3] = (byte)length;
        SendControl(_report.AsSpan(0, 4 + length));
    }

    private void Flush()
    {
        while (_rtsp.TryTakeOutgoing(out byte[] bytes))
            SendControl(bytes);
    }

    /// <summary>Requests are small: a camera that lets the socket's buffer fill up with them reads no more.</summary>
    private void SendControl(ReadOnlySpan<byte> bytes)
    {
        int sent = Control.Send(bytes, SocketFlags.None, out var error);
        if (error != SocketError.Success || sent < bytes.Length)
            Finish(new(PullEndKind.PeerClosed, $"The camera takes no more requests ({(error == SocketError.Success ? SocketError.WouldBlock : error)})."));
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
