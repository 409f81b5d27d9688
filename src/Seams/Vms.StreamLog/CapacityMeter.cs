namespace Vms.StreamLog;

/// <summary>
/// Measures a stream and says how large its log must be (docs/design/stream-log.md):
/// (max(pre-roll, outage budget) + 2 × longest GOP + 5 s) × peak bitrate over 10 s × 1.25.
/// </summary>
/// <remarks>By capture time, not by arrival: what a busy machine takes late comes in a burst, and a log that grew for it would make the machine busier.</remarks>
internal sealed class CapacityMeter(TimeSpan outageBudget, TimeSpan preRoll)
{
    private const int WindowSeconds = 10;
    private const double Headroom = 1.25;
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestGopBelieved = TimeSpan.FromSeconds(60);

    private readonly long[] _bytesBySecond = new long[WindowSeconds];
    private readonly TimeSpan _history = (preRoll > outageBudget ? preRoll : outageBudget) + s_margin;
    private long _second = long.MinValue;
    private long _firstSecond;
    private TimeSpan? _gopStart;
    private TimeSpan _longestGop;
    private double _peakBytesPerSecond;

    /// <summary>A whole window has been seen.</summary>
    internal bool IsSettled => _second - _firstSecond >= WindowSeconds - 1;

    internal double PeakBytesPerSecond => _peakBytesPerSecond;

    internal long NeededBytes => (long)((_history + 2 * _longestGop).TotalSeconds * _peakBytesPerSecond * Headroom);

    /// <summary>Counts one record. True once a second: the time to look at <see cref="NeededBytes"/>.</summary>
    /// <param name="captured">On any line of time. Tracks and reordered pictures need not rise.</param>
    internal bool Add(TimeSpan captured, long bytes, bool keyframe, bool discontinuity)
    {
        long second = (long)Math.Floor(captured.TotalSeconds);
        bool newSecond = Advance(second);
        _bytesBySecond[Slot(second)] += bytes;

        if (discontinuity)
            _gopStart = null;   // the pause before it is no GOP
        if (_gopStart is { } start && captured - start > _longestGop)
            _longestGop = captured - start < s_longestGopBelieved ? captured - start : s_longestGopBelieved;
        if (keyframe)
            _gopStart = captured;
        return newSecond;
    }

    private bool Advance(long second)
    {
        if (_second != long.MinValue && second <= _second && second > _second - WindowSeconds)
            return false;
        if (_second == long.MinValue || second - _second >= WindowSeconds || second < _second)
        {
            Measure();
            Array.Clear(_bytesBySecond);
            _firstSecond = second;
        }
        else
        {
            Measure();
            for (long cleared = _second + 1; cleared <= second; cleared++)
                _bytesBySecond[Slot(cleared)] = 0;
        }

        _second = second;
        return true;
    }

    private static int Slot(long second) => (int)((second % WindowSeconds + WindowSeconds) % WindowSeconds);

    private void Measure()
    {
        // A stream's first second is a keyframe and a camera's backlog: spread it over three.
        long seconds = Math.Clamp(_second - _firstSecond + 1, 3, WindowSeconds);
        _peakBytesPerSecond = Math.Max(_peakBytesPerSecond, (double)_bytesBySecond.Sum() / seconds);
    }
}
