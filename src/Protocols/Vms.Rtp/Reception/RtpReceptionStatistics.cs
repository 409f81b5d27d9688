using Vms.Codecs;
using Vms.Rtp.Rtcp;

namespace Vms.Rtp.Reception;

/// <summary>What receiver reports say of one source: expected, lost, jitter (RFC 3550 §6.4.1, appendices A.1, A.3, A.8).
/// One caller at a time; no allocation.</summary>
/// <param name="rate">RTP clock rate.</param>
public sealed class RtpReceptionStatistics(int rate)
{
    private const int SequenceCycle = 1 << 16;
    private const long MicrosecondsPerSecond = 1_000_000;

    private bool _started;
    private uint _ssrc;
    private uint _baseSequence;
    private long _cycles;
    private ushort _maxSequence;
    private long _received;
    private long _expectedPrior;
    private long _receivedPrior;
    private int _transit;
    private int _jitter;            // scaled by 16, A.8
    private uint _lastSenderReport;
    private long _lastSenderReportAtUs;

    public long Received => _received;

    public long Expected => _started ? _cycles + _maxSequence - _baseSequence + 1 : 0;

    public long Lost => Expected - _received;

    /// <summary>Interarrival jitter, timestamp units.</summary>
    public uint Jitter => (uint)_jitter >> 4;

    /// <param name="arrivalUs">Monotonic microseconds when it was read.</param>
    public void OnPacket(in RtpPacketView packet, long arrivalUs)
    {
        if (!_started || packet.Ssrc != _ssrc)
            Start(packet, arrivalUs);

        ushort ahead = (ushort)(packet.SequenceNumber - _maxSequence);
        if (ahead < ReorderBuffer.MaxDropout)
        {
            if (packet.SequenceNumber < _maxSequence)
                _cycles += SequenceCycle;
            _maxSequence = packet.SequenceNumber;
        }
        else if (ahead <= SequenceCycle - ReorderBuffer.MaxMisorder)
        {
            Start(packet, arrivalUs);
        }

        _received++;
        int transit = Transit(packet, arrivalUs);
        int d = Math.Abs(transit - _transit);
        _transit = transit;
        if (d >= 0 && d < rate * 10)                // a jump of the media clock is not jitter
            _jitter += d - ((_jitter + 8) >> 4);
    }

    /// <param name="arrivalUs">Monotonic microseconds when it was read.</param>
    public void OnSenderReport(in RtcpSenderReport report, long arrivalUs)
    {
        _lastSenderReport = NtpTime.Compact(report.NtpTimestamp);
        _lastSenderReportAtUs = arrivalUs;
    }

    /// <summary>The block for the next receiver report; false before the first packet.</summary>
    public bool TryReport(long nowUs, out RtcpReportBlock block)
    {
        block = default;
        if (!_started)
            return false;

        long expected = Expected;
        long expectedInterval = expected - _expectedPrior;
        long lostInterval = expectedInterval - (_received - _receivedPrior);
        _expectedPrior = expected;
        _receivedPrior = _received;
        block = new RtcpReportBlock(
            _ssrc,
            expectedInterval <= 0 || lostInterval <= 0 ? (byte)0 : (byte)Math.Min((lostInterval << 8) / expectedInterval, 255),
            (int)Math.Clamp(Lost, -0x800000, 0x7FFFFF),
            (uint)(_cycles + _maxSequence),
            Jitter,
            _lastSenderReport,
            _lastSenderReport == 0 ? 0 : (uint)((nowUs - _lastSenderReportAtUs) * 65536 / MicrosecondsPerSecond));
        return true;
    }

    private void Start(in RtpPacketView packet, long arrivalUs)
    {
        _started = true;
        _ssrc = packet.Ssrc;
        _baseSequence = packet.SequenceNumber;
        _maxSequence = packet.SequenceNumber;
        _cycles = _received = _expectedPrior = _receivedPrior = 0;
        _transit = Transit(packet, arrivalUs);
        _jitter = 0;
    }

    private int Transit(in RtpPacketView packet, long arrivalUs) =>
        (int)((uint)(long)((Int128)arrivalUs * rate / MicrosecondsPerSecond) - packet.Timestamp);
}
