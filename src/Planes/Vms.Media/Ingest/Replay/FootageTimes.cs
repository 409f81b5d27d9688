using Vms.Codecs;
using Vms.Rtp;
using Vms.Rtp.Rtcp;
using Vms.Rtp.Time;

namespace Vms.Media.Ingest.Replay;

/// <summary>
/// When what a device plays was recorded, of one track. Either ONVIF's header extension says it, and nothing else does: the packets' own clock goes on over
/// holes of the recording. Or the address said where the playing begins; then that clock leads on from there, unless a sender report that tells a
/// time of the stretch comes before the first packet is looked at, which <see cref="FootageHold"/> waits for. Later ones put it right where there is a hole. One caller at a time.
/// </summary>
/// <param name="rate">Of RTP timestamps.</param>
/// <param name="stretch">What the address asks for, microseconds by the device's clock; null: the header extension says it.</param>
internal sealed class FootageTimes(int rate, (long FromUs, long ToUs)? stretch)
{
    /// <summary>Access units that a depacketizer may hold back, and as many again.</summary>
    private const int RememberedTimes = 16;

    /// <summary>A device may begin with the keyframe in front of what it was asked for.</summary>
    private const long LongestLeadUs = 10_000_000;

    /// <summary>A report from further behind the end tells when it was sent, not when what it is about was recorded.</summary>
    private const long BehindEndUs = 2_000_000;

    /// <summary>What a report says is a hole when it is longer; else the two clocks disagree a little.</summary>
    private const long ShortestHoleUs = 500_000;

    private readonly (uint Timestamp, long RecordedUs)[] _told = new (uint, long)[RememberedTimes];
    private readonly RtpClock _clock = new(rate);
    private (long Pts, long RecordedUs)? _anchor;
    private long _lastPts;
    private long _beginUs = stretch?.FromUs ?? 0;
    private bool _tellsSending;     // its reports are about now
    private bool _broken;
    private int _count;
    private int _newest = -1;

    /// <summary>The device said of its newest packet that a stretch without a hole ends with it.</summary>
    public bool SectionEnded { get; private set; }

    /// <summary>The next sample does not follow, the device says. Told once.</summary>
    public bool TakeBroken() => _broken && !(_broken = false);

    /// <summary>A sender report told a time of the stretch: nothing is guessed.</summary>
    public bool IsReported { get; private set; }

    /// <summary>No report that is still to come would say better when the first packets were recorded.</summary>
    public bool IsSettled => stretch is null || IsReported || _tellsSending;

    /// <summary>Another track says when the playing begins really. Only before the first packet.</summary>
    public void BeginsAt(long recordedUs) => _beginUs = recordedUs;

    public void Heard(in RtpPacketView packet)
    {
        if (stretch is { } asked)
        {
            Follow(_clock.Unwrap(packet.Timestamp), asked);
        }
        else if (ReplayExtension.TryParse(packet.Extension, out var replay))
        {
            SectionEnded = replay.EndsSection;
            _broken |= replay.IsDiscontinuous;
            Remember(packet.Timestamp, replay.RecordedUs);
        }
    }

    public void Reported(in RtcpSenderReport report)
    {
        if (stretch is not { } asked || _tellsSending)
            return;

        long toldUs = NtpTime.ToUnixMicroseconds(report.NtpTimestamp);
        if (toldUs < asked.FromUs - LongestLeadUs || toldUs > asked.ToUs + BehindEndUs)
        {
            _tellsSending = true;
            return;
        }

        IsReported = true;
        if (_anchor is not { } anchor)
        {
            _lastPts = _clock.Unwrap(report.RtpTimestamp);
            _anchor = (_lastPts, toldUs);
        }
        else
        {
            long pts = _clock.Near(report.RtpTimestamp);
            // Only forwards: what was handed on has its times.
            if (toldUs - At(anchor, pts) > ShortestHoleUs)
                (_anchor, _broken) = ((pts, toldUs), true);
        }
    }

    public bool AreKnown => stretch is not null || _count > 0;

    /// <summary>Null where nobody knows. Of times that come with keyframes alone the packets' clock leads on.</summary>
    public long? RecordedAt(uint timestamp)
    {
        if (_anchor is { } anchor)
            return At(anchor, _clock.Near(timestamp));
        if (_count == 0)
            return null;

        var nearest = _told[_newest];
        for (int i = 0; i < _count; i++)
        {
            if (Distance(_told[i].Timestamp) < Distance(nearest.Timestamp))
                nearest = _told[i];
        }

        return nearest.RecordedUs + ((long)(int)(timestamp - nearest.Timestamp) * 1_000_000 / rate);

        long Distance(uint other) => Math.Abs((long)(int)(timestamp - other));
    }

    /// <summary>Some devices begin another file with another clock: then it goes on where the one before ended.</summary>
    private void Follow(long pts, (long FromUs, long ToUs) asked)
    {
        if (_anchor is not { } anchor)
        {
            _anchor = (pts, _beginUs);
        }
        else if (Math.Abs(MediaTime.Rescale(pts - _lastPts, rate, 1_000_000)) > LongestLeadUs
            && (pts < _lastPts || At(anchor, pts) > asked.ToUs + BehindEndUs))
        {
            (_anchor, _broken) = ((pts, At(anchor, _lastPts)), true);
        }

        _lastPts = pts;
    }

    private long At((long Pts, long RecordedUs) anchor, long pts) => anchor.RecordedUs + MediaTime.Rescale(pts - anchor.Pts, rate, 1_000_000);

    private void Remember(uint timestamp, long recordedUs)
    {
        if (_newest >= 0 && _told[_newest].Timestamp == timestamp)
            return;
        _newest = (_newest + 1) % RememberedTimes;
        _told[_newest] = (timestamp, recordedUs);
        _count = Math.Min(_count + 1, RememberedTimes);
    }
}
