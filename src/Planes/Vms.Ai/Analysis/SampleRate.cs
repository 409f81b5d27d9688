namespace Vms.Ai.Analysis;

/// <summary>How many per second, over the last five whole seconds. One caller at a time; <see cref="PerSecond"/> from any thread.</summary>
internal sealed class SampleRate
{
    private const int WindowSeconds = 5;

    private readonly long[] _counts = new long[WindowSeconds + 1];   // one more for the second that runs
    private long _second = -1;
    private long _seconds;                                           // whole ones seen, up to the window
    private double _perSecond;

    internal double PerSecond => Volatile.Read(ref _perSecond);

    /// <param name="now">Monotonic. Called with 0 samples too, so that the rate falls when nothing comes.</param>
    internal void Add(TimeSpan now, int samples)
    {
        long second = (long)now.TotalSeconds;
        if (_second < 0)
            _second = second;
        if (second != _second)
        {
            long passed = Math.Min(second - _second, _counts.Length);
            _seconds = Math.Min(WindowSeconds, _seconds + passed);
            for (long cleared = second - passed + 1; cleared <= second; cleared++)
                _counts[cleared % _counts.Length] = 0;
            _second = second;
            Volatile.Write(ref _perSecond, (double)_counts.Sum() / _seconds);
        }

        _counts[second % _counts.Length] += samples;
    }
}
