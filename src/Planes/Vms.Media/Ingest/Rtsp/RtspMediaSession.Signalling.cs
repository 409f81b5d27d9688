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
        if (_tunnelUntil is not null && !OpenTunnel(now))
            return;

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

                    Answered(item.Message!, now);
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

    private void Answered(RtspMessage message, in IngestTime now)
    {
        try
        {
            _rtsp.Receive(message, now.Monotonic);
            AfterSignalling(now);
        }
        catch (SocketException e)
        {
            Finish(new(PullEndKind.Unreachable, $"No socket for the camera's packets: {e.SocketErrorCode}."));
        }
    }

    /// <returns>True once the camera has agreed; RTSP begins then.</returns>
    private bool OpenTunnel(in IngestTime now)
    {
        int consumed = RtspHttpTunnel.ReadAnswer(_buffer.AsSpan(_start, _end - _start), out int status);
        if (consumed == 0)
        {
            if (_end - _start > RtspMessageReader.MaxHeaderBytes)
                Finish(new(PullEndKind.ProtocolViolation, "Headers of an answer are too long."));
            return false;
        }

        _start += consumed;
        if (status != 200)
        {
            Finish(new(
                status is 401 or 403 ? PullEndKind.BadCredentials : status == 404 ? PullEndKind.NoSuchPath : PullEndKind.ProtocolViolation,
                status == 0 ? "What answers there does not speak HTTP." : $"The camera refuses RTSP over HTTP: {status}."));
            return false;
        }

        _tunnelUntil = null;
        Transmit(Control.SendUpstream(_tunnel!.PostRequest()));
        _rtsp.Start(now.Monotonic);
        AfterSignalling(now);
        return true;
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

    private void Flush()
    {
        while (_rtsp.TryTakeOutgoing(out byte[] bytes))
            SendControl(bytes);
    }

    private void SendControl(ReadOnlySpan<byte> bytes) =>
        Transmit(_tunnel is null ? Control.Send(bytes) : Control.SendUpstream(RtspHttpTunnel.Encode(bytes)));

    /// <summary>Requests are small: a camera that lets the socket's buffer fill up with them reads no more.</summary>
    private void Transmit(SocketError error)
    {
        if (error != SocketError.Success)
            Finish(new(PullEndKind.PeerClosed, $"The camera takes no more requests ({error})."));
    }
}
