using Vms.Rtp;
using Vms.Rtp.Reception;
using Vms.Rtp.Rtcp;
using Vms.Rtp.Time;

namespace Vms.Media.Ingest;

/// <summary>
/// One track's way from RTP packets to the stream log: sequence order → samples → time → <see cref="SampleAppender"/>. One caller at a
/// time. No allocation per packet.
/// </summary>
internal abstract class TrackReceiver(IngestCounters counters)
{
    private readonly uint _ssrc = (uint)Random.Shared.NextInt64();
    private ReorderBuffer _reorder = new(0, 0);
    private RtpReceptionStatistics _statistics = new(1);
    private int _payloadType;
    private long _lostPackets;

    /// <summary>When the last sample was complete, usable or not; null before the first of the run.</summary>
    public TimeSpan? LastSampleAt { get; protected set; }

    /// <summary>A packet of the track came in this run.</summary>
    public bool HasPackets { get; private set; }

    /// <summary>The camera's timestamps say nothing: packets are to be read as they come.</summary>
    public bool GoesByArrival => Clock.GoesByArrival;

    protected IngestCounters Counters => counters;

    protected SampleClock Clock { get; private set; } = new(1);

    /// <param name="datagram">One RTP packet; borrowed.</param>
    public void Receive(ReadOnlySpan<byte> datagram, in IngestTime now)
    {
        counters.Packet(datagram.Length);
        if (!RtpPacketView.TryParse(datagram, out var packet))
        {
            counters.Malformed();
            return;
        }

        if (packet.PayloadType != _payloadType)
        {
            counters.Foreign();
            return;
        }

        HasPackets = true;
        long nowUs = Microseconds(now.Monotonic);
        _statistics.OnPacket(packet, nowUs);
        switch (_reorder.Push(datagram, nowUs, out int lostBefore))
        {
            case ReorderOutcome.Next:
                Next(packet, lostBefore, now);
                break;
            case ReorderOutcome.Stale:
                counters.Stale();
                break;
            default:
                break;
        }

        TakeWaiting(now);
    }

    /// <summary>Lets time pass: missing packets are given up.</summary>
    public void Tick(in IngestTime now) => TakeWaiting(now);

    /// <returns>True when the camera says that it ends the track.</returns>
    public bool ReceiveRtcp(ReadOnlySpan<byte> datagram, in IngestTime now)
    {
        bool goodbye = false;
        foreach (var packet in new RtcpReader(datagram))
        {
            if (packet.TryReadSenderReport(out var report))
            {
                Clock.OnSenderReport(report);
                _statistics.OnSenderReport(report, Microseconds(now.Monotonic));
            }

            goodbye |= packet.Type == RtcpPacketType.Goodbye;
        }

        return goodbye;
    }

    /// <summary>Writes a receiver report with our CNAME.</summary>
    /// <returns>Bytes written to <paramref name="buffer"/>, which holds <see cref="RtcpWriter.MaxCompoundSize"/>.</returns>
    public int WriteReport(Span<byte> buffer, string cname, in IngestTime now)
    {
        var writer = new RtcpWriter(buffer);
        if (_statistics.TryReport(Microseconds(now.Monotonic), out var block))
            writer.ReceiverReport(_ssrc, block);
        else
            writer.ReceiverReport(_ssrc);
        writer.SourceDescription(_ssrc, cname);
        return writer.Length;
    }

    /// <summary>Hands one packet, in order, to the depacketizer and its samples to the appender.</summary>
    protected abstract void Depacketize(in RtpPacketView packet, int lostBefore, in IngestTime now);

    /// <param name="reorderPackets">How many may wait for a missing one.</param>
    /// <param name="reorderWait">UDP: longest wait for a missing packet. Zero where nothing can be reordered.</param>
    protected void Begin(int payloadType, int clockRate, int reorderPackets, TimeSpan reorderWait)
    {
        _payloadType = payloadType;
        _reorder = reorderWait > TimeSpan.Zero ? new(reorderPackets, Microseconds(reorderWait)) : new(0, 0);
        Clock = new(clockRate);
        _statistics = new(clockRate);
        _lostPackets = 0;
        LastSampleAt = null;
        HasPackets = false;
    }

    protected static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    private void TakeWaiting(in IngestTime now)
    {
        while (_reorder.TryRead(Microseconds(now.Monotonic), out var waiting, out int lostBefore))
        {
            if (RtpPacketView.TryParse(waiting, out var packet))
                Next(packet, lostBefore, now);
        }
    }

    private void Next(in RtpPacketView packet, int lostBefore, in IngestTime now)
    {
        if (_reorder.Lost != _lostPackets)
        {
            counters.LosePackets(_reorder.Lost - _lostPackets);
            _lostPackets = _reorder.Lost;
        }

        Depacketize(packet, lostBefore, now);
    }
}
