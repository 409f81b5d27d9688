namespace Vms.StreamLog;

/// <summary>
/// Measures a stream and says how large its log must be (docs/design/stream-log.md):
/// (max(pre-roll, outage budget) + 2 × longest GOP + 5 s) × peak bitrate over 10 s × 1.25.
/// </summary>
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

    internal long NeededBytes => (long)((_history + 2 * _longestGop).TotalSeconds * _peakBytesPerSecond * Headroom);

    /// <summary>Counts one record. True once a second: the time to look at <see cref="NeededBytes"/>.</summary>
    /// <param name="now">Monotonic.</param>
    internal bool Add(TimeSpan now, long bytes, bool keyframe, bool discontinuity)
    {
        bool newSecond = Advance((long)now.TotalSeconds);
        _bytesBySecond[_second % WindowSeconds] += bytes;

        if (discontinuity)
            _gopStart = null;   // the pause before it is no GOP
        if (_gopStart is { } start && now - start > _longestGop)
            _longestGop = now - start < s_longestGopBelieved ? now - start : s_longestGopBelieved;
        if (keyframe)
            _gopStart = now;
        return newSecond;
    }

    private bool Advance(long second)
    {
        if (second == _second)
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
                _bytesBySecond[cleared % WindowSeconds] = 0;
        }

        _second = second;
        return true;
    }

    private void Measure()
    {
        // A stream's first second is a keyframe and a camera's backlog: spread it over three.
        long seconds = Math.Clamp(_second - _firstSecond + 1, 3, WindowSeconds);
        _peakBytesPerSecond = Math.Max(_peakBytesPerSecond, (double)_bytesBySecond.Sum() / seconds);
    }
}
