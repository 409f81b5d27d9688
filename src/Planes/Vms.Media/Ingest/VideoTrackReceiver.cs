using Vms.Rtp;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.H264;
using Vms.Rtp.Reception;
using Vms.Rtp.Rtcp;
using Vms.Rtp.Time;
using Vms.Rtsp;

namespace Vms.Media.Ingest;

/// <summary>
/// The video track's way from RTP packets to the stream log: sequence order → access units → time → <see cref="SampleAppender"/>.
/// Lives as long as the pipeline, so that its buffers are warm; one caller at a time. No allocation per packet.
/// </summary>
internal sealed class VideoTrackReceiver(SampleAppender appender, IngestCounters counters)
{
    private const int UdpReorderPackets = 512;      // two 4 Mbit/s keyframes' worth

    private readonly VideoDepacketizer _depacketizer = new H264Depacketizer(new AccessUnitBuffer());
    private ReorderBuffer _reorder = new(0, 0);
    private SampleClock _clock = new(SampleAppender.VideoTimescale);
    private RtpReceptionStatistics _statistics = new(SampleAppender.VideoTimescale);
    private int _payloadType;
    private long _units;
    private long _lostPackets;

    /// <summary>When the last access unit was complete, decodable or not; null before the first of the run.</summary>
    public TimeSpan? LastUnitAt { get; private set; }

    /// <summary>A session with the camera begins.</summary>
    /// <param name="reorderWait">UDP: longest wait for a missing packet. Zero where nothing can be reordered.</param>
    public void BeginRun(MediaDescription track, TimeSpan reorderWait)
    {
        _payloadType = track.PayloadType;
        _reorder = reorderWait > TimeSpan.Zero ? new(UdpReorderPackets, Microseconds(reorderWait)) : new(0, 0);
        _clock = new(SampleAppender.VideoTimescale);
        _statistics = new(SampleAppender.VideoTimescale);
        _depacketizer.Reset();
        foreach (var set in track.FormatParameters.ParameterSets())
            _depacketizer.UpdateParameterSets(set.Span);
        _units = _depacketizer.UndecodableUnits;
        _lostPackets = 0;
        LastUnitAt = null;
        appender.BeginRun();
    }

    /// <summary>Another camera, perhaps: what is known of the codec is void.</summary>
    public void Forget() => _depacketizer.ClearParameterSets();

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

        long nowUs = Microseconds(now.Monotonic);
        _statistics.OnPacket(packet, nowUs);
        switch (_reorder.Push(datagram, nowUs, out int lostBefore))
        {
            case ReorderOutcome.Next:
                Depacketize(packet, lostBefore, now);
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

    /// <returns>True when the camera says that it ends the stream.</returns>
    public bool ReceiveRtcp(ReadOnlySpan<byte> datagram, in IngestTime now)
    {
        bool goodbye = false;
        foreach (var packet in new RtcpReader(datagram))
        {
            if (packet.TryReadSenderReport(out var report))
            {
                _clock.OnSenderReport(report);
                _statistics.OnSenderReport(report, Microseconds(now.Monotonic));
            }

            goodbye |= packet.Type == RtcpPacketType.Goodbye;
        }

        return goodbye;
    }

    /// <summary>Writes a receiver report with our CNAME.</summary>
    /// <returns>Bytes written to <paramref name="buffer"/>, which holds <see cref="RtcpWriter.MaxCompoundSize"/>.</returns>
    public int WriteReport(Span<byte> buffer, uint ssrc, string cname, in IngestTime now)
    {
        var writer = new RtcpWriter(buffer);
        if (_statistics.TryReport(Microseconds(now.Monotonic), out var block))
            writer.ReceiverReport(ssrc, block);
        else
            writer.ReceiverReport(ssrc);
        writer.SourceDescription(ssrc, cname);
        return writer.Length;
    }

    private void TakeWaiting(in IngestTime now)
    {
        while (_reorder.TryRead(Microseconds(now.Monotonic), out var waiting, out int lostBefore))
        {
            if (RtpPacketView.TryParse(waiting, out var packet))
                Depacketize(packet, lostBefore, now);
        }
    }

    private void Depacketize(in RtpPacketView packet, int lostBefore, in IngestTime now)
    {
        if (_reorder.Lost != _lostPackets)
        {
            counters.LosePackets(_reorder.Lost - _lostPackets);
            _lostPackets = _reorder.Lost;
        }

        var result = _depacketizer.Push(packet, lostBefore);
        if (result.Fault != PayloadFault.None)
            counters.Malformed();
        while (result.IsAccessUnit && _depacketizer.Units.TryTake(out var unit))
        {
            var time = _clock.Stamp(unit.Info.Timestamp, Microseconds(now.Monotonic), now.UtcUs);
            appender.Append(unit, time, _depacketizer, now);
            LastUnitAt = now.Monotonic;
        }

        if (_depacketizer.UndecodableUnits != _units)
        {
            _units = _depacketizer.UndecodableUnits;
            LastUnitAt = now.Monotonic;
        }
    }

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
