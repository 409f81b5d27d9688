using Vms.Codecs;
using Vms.Rtp.Rtcp;

namespace Vms.Rtp.Time;

/// <summary>When a unit belongs, on both clocks.</summary>
/// <param name="Pts">Media time in the track's timescale, continuing for the life of the clock.</param>
/// <param name="CaptureTimeUs">UTC, microseconds since 1970.</param>
/// <param name="IsDiscontinuity">Media or capture time does not continue that of the unit before (cause: clock step).</param>
/// <param name="IsRestamped">The camera's timestamp was not believed; <paramref name="Pts"/> is from arrival.</param>
public readonly record struct SampleTime(long Pts, long CaptureTimeUs, bool IsDiscontinuity, bool IsRestamped);

/// <summary>
/// Turns the RTP timestamps of one track into media time and capture time. Believes the camera as long as its timestamps move
/// plausibly; else re-stamps by arrival.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>One unit hours off (Intelbras: every 2 s): only that unit is re-stamped, nothing else changes.</item>
/// <item>A lasting jump (camera rebooted, clock set): <see cref="JumpConfirmation"/> units in a row agree with each other; PTS goes on by
/// arrival and the unit is a discontinuity.</item>
/// <item>Timestamps that stand still (all zero): PTS goes by arrival. Two units with one timestamp (Reolink Duo 2): the second
/// stands half an interval behind the first. When they move again, that is a lasting jump.</item>
/// <item>Small steps back are output order (B slices) and kept.</item>
/// </list>
/// One caller at a time; no allocation.
/// </remarks>
/// <param name="rate">RTP clock rate; also the timescale of the PTS.</param>
public sealed class SampleClock(int rate)
{
    public const int JumpConfirmation = 3;

    private const int MaxForwardSeconds = 10;       // without a matching pause in arrival
    private const int MaxBackwardSeconds = 1;       // B slices stay far below
    private const long Million = 1_000_000;

    private readonly RtpClock _clock = new(rate);
    private readonly WallClockEstimator _wall = new(rate);
    private bool _started;
    private long _shift;                // PTS = unwrapped timestamp + shift
    private long _believed;             // last believed timestamp, unwrapped
    private long _believedAtUs;         // its arrival
    private long _lastPts;
    private long _suspect;              // last timestamp that was not believed, unwrapped
    private int _suspects;              // in a row
    private int _repeats;               // units in a row that repeat the believed timestamp
    private long _interval = rate / 25; // between units, smoothed

    /// <summary>Units whose timestamp was not believed.</summary>
    public long Restamped { get; private set; }

    /// <summary>True while the camera's timestamps stand still: media time is as exact as arrival is.</summary>
    public bool GoesByArrival => _repeats > 1;

    /// <summary>True while the camera's sender reports lead the capture time.</summary>
    public bool FollowsReports => _wall.FollowsReports;

    /// <param name="arrivalUs">Monotonic microseconds when the unit's last packet was read.</param>
    /// <param name="utcUs">UTC microseconds at the same instant.</param>
    public SampleTime Stamp(uint rtpTimestamp, long arrivalUs, long utcUs)
    {
        if (!_started)
        {
            _started = true;
            return Believe(_clock.Unwrap(rtpTimestamp), arrivalUs, utcUs);
        }

        long passed = Math.Max(MediaTime.Rescale(arrivalUs - _believedAtUs, (int)Million, rate), 0);
        long byArrival = Math.Max(_lastPts + 1, _believed + _shift + passed);
        long timestamp = _clock.Near(rtpTimestamp);
        long step = timestamp - _believed;
        if (step == 0)
        {
            return ++_repeats == 1
                ? Place(_lastPts + Math.Max(_interval / 2, 1), arrivalUs, utcUs, believed: false)
                : Restamp(byArrival, arrivalUs, utcUs);
        }

        bool plausible = step > -MaxBackwardSeconds * (long)rate && step < passed + (MaxForwardSeconds * (long)rate);
        bool lineIsBroken = step > 0 && timestamp + _shift <= _lastPts;         // went by arrival before
        if (plausible && !lineIsBroken)
        {
            if (step > 0 && step < 2L * rate)
                _interval += (step - _interval) / 8;
            return Believe(timestamp, arrivalUs, utcUs);
        }

        long sinceSuspect = timestamp - _suspect;
        bool agrees = _suspects > 0 && sinceSuspect > -MaxBackwardSeconds * (long)rate && sinceSuspect < MaxForwardSeconds * (long)rate
            && sinceSuspect != 0;
        _suspects = agrees ? _suspects + 1 : 1;
        _suspect = timestamp;
        if (_suspects < JumpConfirmation)
            return Restamp(_lastPts + _interval, arrivalUs, utcUs);

        _shift = byArrival - timestamp;
        _clock.MoveTo(timestamp);
        _wall.Reset();
        return Believe(timestamp, arrivalUs, utcUs) with { IsDiscontinuity = true };
    }

    public void OnSenderReport(in RtcpSenderReport report)
    {
        if (_started && report.NtpTimestamp != 0 && _suspects == 0 && _repeats < 2)
            _wall.OnSenderReport(_clock.Near(report.RtpTimestamp) + _shift, NtpTime.ToUnixMicroseconds(report.NtpTimestamp));
    }

    private SampleTime Believe(long timestamp, long arrivalUs, long utcUs)
    {
        _clock.MoveTo(timestamp);
        _believed = timestamp;
        _believedAtUs = arrivalUs;
        _suspects = _repeats = 0;
        return Place(timestamp + _shift, arrivalUs, utcUs, believed: true);
    }

    private SampleTime Restamp(long pts, long arrivalUs, long utcUs)
    {
        Restamped++;
        return Place(pts, arrivalUs, utcUs, believed: false) with { IsRestamped = true };
    }

    private SampleTime Place(long pts, long arrivalUs, long utcUs, bool believed)
    {
        _lastPts = pts;
        long capture = _wall.Capture(pts, arrivalUs, utcUs, believed, out bool isStep);
        return new SampleTime(pts, capture, isStep, IsRestamped: false);
    }
}
