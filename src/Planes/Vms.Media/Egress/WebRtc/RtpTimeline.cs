using Vms.Codecs;

namespace Vms.Media.Egress.WebRtc;

/// <summary>Maps PTS to the RTP timestamps of a stream (90 kHz, wrapping), which go on over a discontinuity by as much as the
/// capture time did: viewers stay attached while the camera reconnects. One caller at a time.</summary>
internal sealed class RtpTimeline
{
    private const int ClockRate = 90_000;
    private const int NominalFrame = ClockRate / 25;

    /// <summary>A jump ahead by more is a discontinuity, flagged or not.</summary>
    private const long MaxStep = 3600L * ClockRate;

    /// <summary>A step back by more is no B-frame but a discontinuity.</summary>
    private const long MaxReordering = 2 * ClockRate;

    private long _offset = Random.Shared.Next();    // RFC 3550 §5.1: starts at a random value
    private long _stagedOffset;
    private long _lastTimestamp;
    private long _lastCaptureUs;
    private bool _started;

    /// <summary>Timestamp of the last sample taken.</summary>
    public uint LastTimestamp => (uint)_lastTimestamp;

    /// <summary>Its capture time, UTC µs.</summary>
    public long LastCaptureUs => _lastCaptureUs;

    /// <summary>The timestamp a sample would get; nothing changes before <see cref="Take"/>.</summary>
    public uint Map(in SampleHeader header)
    {
        _stagedOffset = _offset;
        long step = header.Pts + _offset - _lastTimestamp;
        if (_started && (header.IsDiscontinuity || step > MaxStep || step < -MaxReordering))
        {
            long elapsed = (header.CaptureTimeUs - _lastCaptureUs) * 9 / 100;
            long gap = elapsed is > 0 and < MaxStep ? Math.Max(elapsed, NominalFrame) : NominalFrame;
            _stagedOffset = _lastTimestamp + gap - header.Pts;
        }

        return (uint)(header.Pts + _stagedOffset);
    }

    public void Take(in SampleHeader header)
    {
        _offset = _stagedOffset;
        _lastTimestamp = header.Pts + _offset;
        _lastCaptureUs = header.CaptureTimeUs;
        _started = true;
    }

    /// <summary>What the media clock shows at a wall-clock time, for a sender report.</summary>
    public uint At(long utcUs) => (uint)(_lastTimestamp + (utcUs - _lastCaptureUs) * 9 / 100);
}
