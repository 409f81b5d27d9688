namespace Vms.Media.Ingest.Rtsp;

internal sealed partial class RtspMediaSession
{
    /// <param name="source">Address bytes of the sender, 4 or 16. Only the camera's datagrams count; its port is not checked, because
    /// some cameras name none (OpenIPC).</param>
    public void RtpReceived(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> source, in IngestTime now)
    {
        if (!_mediaOpen || End is not null || !source.SequenceEqual(_peerAddress))
        {
            _counters.Foreign();
            return;
        }

        _video.Receive(datagram, now);
        AfterMedia(now);
    }

    public void RtcpReceived(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> source, in IngestTime now)
    {
        if (!_mediaOpen || End is not null || !source.SequenceEqual(_peerAddress))
        {
            _counters.Foreign();
            return;
        }

        Rtcp(datagram, now);
    }

    private void Interleaved(byte channel, ReadOnlySpan<byte> payload, in IngestTime now)
    {
        if (_mediaOpen && channel == _rtpChannel)
        {
            _video.Receive(payload, now);
            AfterMedia(now);
        }
        else if (_mediaOpen && channel == _rtcpChannel)
        {
            Rtcp(payload, now);
        }
        else if (_farewellUntil is null)
        {
            _counters.Foreign();        // some cameras send on channels that nobody asked for
        }
    }

    private void Rtcp(ReadOnlySpan<byte> datagram, in IngestTime now)
    {
        if (_video.ReceiveRtcp(datagram, now))
            Finish(new(PullEndKind.PeerClosed, "The camera said goodbye (RTCP BYE)."));
    }

    private void AfterMedia(in IngestTime now)
    {
        if (_video.LastUnitAt == now.Monotonic)
            _garbageAtUnit = _reader.GarbageBytes;
        if (_samples.RunSamples > 0 && !_firstSample.Task.IsCompleted)
            _firstSample.TrySetResult();
    }
}
