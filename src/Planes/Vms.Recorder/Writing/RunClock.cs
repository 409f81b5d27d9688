using Vms.Codecs;

namespace Vms.Recorder.Writing;

/// <summary>Sees holes in the video: flagged ones, and silence that nobody flagged. One caller at a time.</summary>
internal sealed class RunClock
{
    /// <summary>Distances shorter than this are measuring error, not lost video.</summary>
    public const long JitterUs = 5_000;

    /// <summary>A camera that pauses for longer than this, and for several of its usual intervals, was away.</summary>
    private const long PauseUs = 2_000_000;
    private const int PauseIntervals = 4;

    /// <summary>A hole up to this long, with both clocks agreeing on its length, does not need a new segment.</summary>
    private const long ShortHoleUs = 10_000_000;
    private const long AgreementUs = 250_000;

    private bool _known;
    private bool _ptsKnown;
    private long _captureUs;
    private long _pts;
    private long _intervalUs;

    /// <summary>Capture time of the last picture; 0 when none is known.</summary>
    public long CaptureUs => _known ? _captureUs : 0;

    /// <summary>What is missing before this sample, if anything is.</summary>
    public GapCause HoleBefore(in SampleHeader header, bool video)
    {
        if (!video)
        {
            return GapCause.None;   // the books are kept for the picture
        }

        if (header.IsDiscontinuity)
        {
            return header.Cause == GapCause.None ? GapCause.CameraOffline : header.Cause;
        }

        long step = header.CaptureTimeUs - _captureUs;
        return !_known ? GapCause.None
            : step > Math.Max(PauseUs, PauseIntervals * _intervalUs) ? GapCause.CameraOffline
            : step < -PauseUs ? GapCause.ClockStep
            : GapCause.None;
    }

    /// <summary>May the video go on in the same segment, as a hole on its timeline?</summary>
    public bool Continues(in SampleHeader header, int timescale)
    {
        if (!_known || !_ptsKnown)
        {
            return false;
        }

        long captureStep = header.CaptureTimeUs - _captureUs;
        long ptsStep = (long)((Int128)(header.Pts - _pts) * 1_000_000 / timescale);
        return captureStep is > 0 and <= ShortHoleUs && Math.Abs(ptsStep - captureStep) <= AgreementUs;
    }

    /// <summary>Capture time as if the wall clock had not been set: from the last sample on by presentation time. Null where that
    /// does not follow either.</summary>
    public long? WithoutStep(in SampleHeader header, int timescale)
    {
        long step = (long)((Int128)(header.Pts - _pts) * 1_000_000 / timescale);
        return _known && _ptsKnown && step is > 0 and <= PauseUs ? _captureUs + step : null;
    }

    public void Recorded(in SampleHeader header, bool video)
    {
        if (!video)
        {
            return;
        }

        long step = header.CaptureTimeUs - _captureUs;
        if (_known && step > 0)
        {
            _intervalUs += (step - _intervalUs) / 8;
        }

        _known = _ptsKnown = true;
        _captureUs = header.CaptureTimeUs;
        _pts = header.Pts;
    }

    public void Reset() => _known = _ptsKnown = false;

    /// <summary>After a restart only the wall clock of the last sample is known.</summary>
    public void Resume(long captureTimeUs, long intervalUs)
    {
        _known = true;
        _ptsKnown = false;
        _captureUs = captureTimeUs;
        _intervalUs = intervalUs;
    }
}
