using Vms.Codecs;

namespace Vms.Rtp.Time;

/// <summary>
/// Says when light hit the sensor, in UTC: PTS plus an offset that follows the camera's sender reports when they are sane, else
/// the least delayed arrival of the last minute. The offset moves by at most 500 ppm of passed time; more than a second off is
/// a step, and the caller books a discontinuity.
/// </summary>
/// <remarks>
/// <para>A sender report is sane when it puts capture at most <see cref="MaxDelayUs"/> before and <see cref="MaxAheadUs"/> after the
/// least delayed arrival; clocks at 1970, an hour off or drifting away (ex_nvr#404, ant-media#6277) are not. Two in a row
/// must agree within <see cref="MaxDisagreementUs"/>.</para>
/// <para>When the server's own wall clock is set, the offset follows at once: a step.</para>
/// <para>All times in microseconds; <c>arrivalUs</c> monotonic, <c>utcUs</c> the wall clock at the same instant. One caller at a time.</para>
/// </remarks>
/// <param name="rate">Ticks per second of the PTS.</param>
public sealed class WallClockEstimator(int rate)
{
    public const long MaxSlewPpm = 500;
    public const long StepUs = 1_000_000;
    public const long MaxDelayUs = 2_000_000;
    public const long MaxAheadUs = 250_000;
    public const long MaxDisagreementUs = 100_000;

    /// <summary>A report says where a camera's clock stood; without another one its crystal takes it away, some 50 ppm.</summary>
    public const long MaxReportAgeUs = 60_000_000;

    private const long BucketUs = 10_000_000;
    private const int Buckets = 6;
    private const long ServerStepUs = 250_000;
    private const long Million = 1_000_000;

    private readonly long[] _least = new long[Buckets];     // smallest utc - pts per bucket
    private long _bucket = long.MinValue;                   // number of the newest bucket
    private bool _started;
    private long _offset;                                   // capture = pts + offset
    private long _lastArrival;
    private long _wallMinusMonotonic;
    private long? _reported;                                // offset by the last sane sender report
    private bool _reportsAgree;
    private long _reportedAt;                               // arrival of the last unit before it
    private long _slewRest;                                 // ppm·µs not yet spent

    /// <summary>True while sender reports lead, false while arrival does.</summary>
    public bool FollowsReports => _reportsAgree;

    /// <summary>Capture time of one unit.</summary>
    /// <param name="pts">Continuing, as <see cref="SampleClock"/> gives it.</param>
    /// <param name="believed">False when the PTS is a guess: it is placed, but teaches nothing.</param>
    /// <param name="isStep">The capture time does not continue that of the units before.</param>
    public long Capture(long pts, long arrivalUs, long utcUs, bool believed, out bool isStep)
    {
        long ptsUs = ToMicroseconds(pts);
        long observed = utcUs - ptsUs;
        isStep = false;
        if (!_started)
        {
            Anchor(observed, arrivalUs, utcUs);
        }
        else if (Math.Abs(utcUs - arrivalUs - _wallMinusMonotonic) > ServerStepUs)
        {
            Anchor(observed, arrivalUs, utcUs);
            isStep = true;
        }
        else
        {
            _wallMinusMonotonic = utcUs - arrivalUs;
            if (believed)
                Note(observed, arrivalUs);
            isStep = Follow(arrivalUs);
        }

        return ptsUs + _offset;
    }

    /// <param name="pts">The report's RTP timestamp on the same line as the units' PTS.</param>
    /// <param name="ntpUtcUs">The report's NTP timestamp as UTC.</param>
    public void OnSenderReport(long pts, long ntpUtcUs)
    {
        if (!_started)
            return;

        long offset = ntpUtcUs - ToMicroseconds(pts);
        long delay = LeastDelayed() - offset;
        bool sane = delay is >= -MaxAheadUs and <= MaxDelayUs;
        _reportsAgree = sane && _reported is { } previous && Math.Abs(previous - offset) <= MaxDisagreementUs;
        _reported = sane ? offset : null;
        _reportedAt = _lastArrival;
    }

    /// <summary>The media clock jumped: PTS before and after do not lie on one line.</summary>
    public void Reset()
    {
        _started = false;
        _reported = null;
        _reportsAgree = false;
    }

    private void Anchor(long observed, long arrivalUs, long utcUs)
    {
        _started = true;
        _offset = observed;
        _lastArrival = arrivalUs;
        _wallMinusMonotonic = utcUs - arrivalUs;
        _reported = null;
        _reportsAgree = false;
        _bucket = arrivalUs / BucketUs;
        Array.Fill(_least, observed);
    }

    private void Note(long observed, long arrivalUs)
    {
        long bucket = arrivalUs / BucketUs;
        for (long fresh = Math.Max(_bucket + 1, bucket - Buckets + 1); fresh <= bucket; fresh++)
            _least[fresh % Buckets] = long.MaxValue;
        _bucket = Math.Max(bucket, _bucket);
        ref long least = ref _least[_bucket % Buckets];
        least = Math.Min(least, observed);
    }

    private long LeastDelayed() => _least.Min();

    private bool Follow(long arrivalUs)
    {
        long passed = Math.Max(arrivalUs - _lastArrival, 0);
        _lastArrival = arrivalUs;
        if (_reported is not null && arrivalUs - _reportedAt > MaxReportAgeUs)
        {
            _reported = null;
            _reportsAgree = false;
        }

        long target = _reportsAgree ? _reported!.Value : LeastDelayed();
        long error = target - _offset;
        if (Math.Abs(error) > StepUs)
        {
            _offset = target;
            return true;
        }

        long budget = (passed * MaxSlewPpm) + _slewRest;
        long most = budget / Million;
        _slewRest = budget % Million;
        _offset += Math.Clamp(error, -most, most);
        return false;
    }

    private long ToMicroseconds(long pts) => MediaTime.Rescale(pts, rate, (int)Million);
}
