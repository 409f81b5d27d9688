namespace Vms.Media.Egress.Rtsp;

/// <summary>What the RTSP server counts over all viewers. Any thread.</summary>
internal sealed class RtspCounters
{
    private long _blocked;
    private long _refused;
    private long _unauthorized;
    private long _malformed;

    /// <summary>Datagrams for which the socket had no room.</summary>
    public long BlockedPackets => Volatile.Read(ref _blocked);

    /// <summary>Datagrams that the system would not send.</summary>
    public long RefusedPackets => Volatile.Read(ref _refused);

    /// <summary>Requests without a valid credential.</summary>
    public long Unauthorized => Volatile.Read(ref _unauthorized);

    /// <summary>Connections closed because what they sent is not RTSP, too long or too slow.</summary>
    public long Malformed => Volatile.Read(ref _malformed);

    public void Blocked(int packets) => Interlocked.Add(ref _blocked, packets);

    public void Refused(int packets) => Interlocked.Add(ref _refused, packets);

    public void CountUnauthorized() => Interlocked.Increment(ref _unauthorized);

    public void CountMalformed() => Interlocked.Increment(ref _malformed);
}
