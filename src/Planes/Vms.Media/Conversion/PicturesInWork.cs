namespace Vms.Media.Conversion;

/// <summary>A picture of the source.</summary>
internal readonly record struct SourcePicture(long Pts, long CaptureTimeUs);

/// <summary>
/// The pictures that a child has and has not given back: each is known to it by a millisecond of its own, and by that it is found
/// again, with its exact times, whatever the child does between. Any thread; no allocation.
/// </summary>
internal sealed class PicturesInWork(TimeProvider time)
{
    /// <summary>A child that holds more is not converting but swallowing.</summary>
    public const int Max = 512;

    private readonly Lock _gate = new();
    private readonly (long Ms, long At, SourcePicture Picture)[] _held = new (long, long, SourcePicture)[Max];
    private int _count;

    /// <summary>How long the child has had the one it has had longest; zero when it has none.</summary>
    public TimeSpan Oldest
    {
        get
        {
            lock (_gate)
                return _count == 0 ? TimeSpan.Zero : time.GetElapsedTime(_held[0].At);
        }
    }

    /// <param name="ms">Moved on to one that is free: cameras have sent two pictures for one millisecond.</param>
    /// <returns>False when it holds <see cref="Max"/>.</returns>
    public bool TryAdd(ref long ms, SourcePicture picture)
    {
        lock (_gate)
        {
            if (_count == Max)
                return false;
            while (IndexOf(ms) >= 0)
                ms++;
            _held[_count++] = (ms, time.GetTimestamp(), picture);
            return true;
        }
    }

    /// <summary>The child has given one back; those before it will not come any more.</summary>
    /// <param name="lost">How many these are.</param>
    public bool TryTake(long ms, out SourcePicture picture, out int lost)
    {
        lock (_gate)
        {
            (picture, lost) = (default, 0);
            int found = IndexOf(ms);
            if (found < 0)
                return false;
            picture = _held[found].Picture;
            int kept = 0;
            for (int i = 0; i < _count; i++)
            {
                if (_held[i].Ms > ms)
                    _held[kept++] = _held[i];
            }

            lost = _count - kept - 1;
            _count = kept;
            return true;
        }
    }

    /// <summary>The child is gone.</summary>
    /// <returns>How many it had.</returns>
    public int Clear()
    {
        lock (_gate)
        {
            int count = _count;
            _count = 0;
            return count;
        }
    }

    private int IndexOf(long ms)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_held[i].Ms == ms)
                return i;
        }

        return -1;
    }
}
