namespace Vms.Media.Egress.WebRtc;

/// <summary>What all WebRTC viewers together have cost and lost, since the start. Any thread.</summary>
internal sealed class WebRtcCounters
{
    private long _packets;
    private long _bytes;
    private long _blocked;
    private long _refused;
    private long _malformed;
    private long _unauthenticated;
    private long _handshakesDropped;
    private long _retransmitted;
    private long _framesSkipped;
    private long _iceRestarts;

    public long Packets => Volatile.Read(ref _packets);

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Packets for which the socket had no room.</summary>
    public long BlockedPackets => Volatile.Read(ref _blocked);

    /// <summary>Packets that the system would not send to their viewer.</summary>
    public long RefusedPackets => Volatile.Read(ref _refused);

    /// <summary>Datagrams that are nothing we speak.</summary>
    public long MalformedDatagrams => Volatile.Read(ref _malformed);

    /// <summary>Datagrams from an address without a valid check, and those with a wrong sum.</summary>
    public long UnauthenticatedDatagrams => Volatile.Read(ref _unauthenticated);

    /// <summary>DTLS datagrams left unread because too many handshakes were going on; the peer sends them again.</summary>
    public long HandshakesDropped => Volatile.Read(ref _handshakesDropped);

    /// <summary>Answers to NACKs.</summary>
    public long Retransmitted => Volatile.Read(ref _retransmitted);

    /// <summary>Access units left out for viewers on a full way.</summary>
    public long FramesSkipped => Volatile.Read(ref _framesSkipped);

    /// <summary>Sessions that went on under new ICE credentials.</summary>
    public long IceRestarts => Volatile.Read(ref _iceRestarts);

    public void IceRestarted() => Interlocked.Increment(ref _iceRestarts);

    public void Retransmit() => Interlocked.Increment(ref _retransmitted);

    public void SkipFrames(long frames) => Interlocked.Add(ref _framesSkipped, frames);

    public void Sent(int packets, int bytes)
    {
        Interlocked.Add(ref _packets, packets);
        Interlocked.Add(ref _bytes, bytes);
    }

    public void Blocked(int packets) => Interlocked.Add(ref _blocked, packets);

    public void Refused(int packets) => Interlocked.Add(ref _refused, packets);

    public void Malformed() => Interlocked.Increment(ref _malformed);

    public void Unauthenticated() => Interlocked.Increment(ref _unauthenticated);

    public void HandshakeDropped() => Interlocked.Increment(ref _handshakesDropped);
}
