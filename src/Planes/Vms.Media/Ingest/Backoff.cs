namespace Vms.Media.Ingest;

/// <summary>Waits between tries: the first at once where the stream was fine before, then doubling with jitter, so that cameras
/// behind one switch do not come back in step. One caller at a time.</summary>
internal sealed class Backoff
{
    private const double Jitter = 0.25;

    private readonly TimeSpan _minimum;
    private readonly TimeSpan _maximum;
    private TimeSpan _next;
    private bool _immediate;

    public Backoff(TimeSpan minimum, TimeSpan maximum)
    {
        _minimum = _next = minimum;
        _maximum = maximum;
    }

    /// <summary>It went well long enough: the next wait is none, the one after it the shortest.</summary>
    public void Reset()
    {
        _next = _minimum;
        _immediate = true;
    }

    public TimeSpan Next()
    {
        if (_immediate)
        {
            _immediate = false;
            return TimeSpan.Zero;
        }

        var wait = _next;
        _next = _next * 2 < _maximum ? _next * 2 : _maximum;
        return wait * (1 + (Jitter * ((2 * Random.Shared.NextDouble()) - 1)));
    }
}
