using Vms.Codecs;

namespace Vms.Media.Egress;

/// <summary>Maps PTS to the RTP timestamps of a track (wrapping), which go on over a discontinuity by as much as the capture time
/// did: viewers stay attached while the camera reconnects. One caller at a time.</summary>
/// <param name="clockRate">Ticks per second of both.</param>
internal sealed class RtpTimeline(int clockRate = RtpTimeline.VideoClockRate)
{
    private const int VideoClockRate = 90_000;
    private const int MicrosecondsPerSecond = 1_000_000;

    private readonly int _nominalFrame = clockRate / 25;

    /// <summary>A jump ahead by more is a discontinuity, flagged or not.</summary>
    private readonly long _maxStep = 3600L * clockRate;

    /// <summary>A step back by more is no B-frame but a discontinuity.</summary>
    private readonly long _maxReordering = 2L * clockRate;

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
        if (_started && (header.IsDiscontinuity || step > _maxStep || step < -_maxReordering))
        {
            long elapsed = Ticks(header.CaptureTimeUs - _lastCaptureUs);
            long gap = elapsed > 0 && elapsed < _maxStep ? Math.Max(elapsed, _nominalFrame) : _nominalFrame;
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
    public uint At(long utcUs) => (uint)(_lastTimestamp + Ticks(utcUs - _lastCaptureUs));

    private long Ticks(long microseconds) => (long)((Int128)microseconds * clockRate / MicrosecondsPerSecond);
}
