namespace Vms.Rtp.Time;

/// <summary>Unwraps the 32-bit RTP timestamps of one track to 64 bit (RFC 3550 §5.1). A step is read the short way round,
/// so a jump of more than 2^31 ticks (6.6 h at 90 kHz) is ambiguous. One caller at a time.</summary>
/// <param name="rate">Ticks per second, from the SDP.</param>
public sealed class RtpClock(int rate)
{
    private long _last;
    private bool _started;

    /// <summary>Ticks per second.</summary>
    public int Rate { get; } = rate;

    /// <summary>The timestamp in 64 bit; the first one keeps its value.</summary>
    public long Unwrap(uint timestamp)
    {
        long unwrapped = _started ? Near(timestamp) : timestamp;
        MoveTo(unwrapped);
        return unwrapped;
    }

    /// <summary>As <see cref="Unwrap"/>, without moving on: for a sender report, or a timestamp that is not believed.</summary>
    public long Near(uint timestamp) => _last + (int)(timestamp - (uint)_last);

    /// <summary>The following timestamps are read near this one.</summary>
    public void MoveTo(long unwrapped)
    {
        _last = unwrapped;
        _started = true;
    }
}
