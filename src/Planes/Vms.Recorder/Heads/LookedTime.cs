using Vms.Hosting.Heads;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Heads;

/// <summary>When a camera's pictures were looked at for people. One caller at a time.</summary>
internal sealed class LookedTime
{
    private readonly List<(long FromUs, long ToUs)> _stretches = [];
    private bool _isSorted = true;

    public void Add(HeadEntry entry)
    {
        if (_stretches.Count > 0 && _stretches[^1].ToUs == entry.FromUs)
        {
            _stretches[^1] = (_stretches[^1].FromUs, entry.ToUs);
            return;
        }

        _isSorted &= _stretches.Count == 0 || _stretches[^1].FromUs <= entry.FromUs;
        _stretches.Add((entry.FromUs, entry.ToUs));
    }

    /// <summary>How much of a time nobody looked at.</summary>
    public TimeSpan MissingIn(DateTimeOffset from, DateTimeOffset to)
    {
        if (!_isSorted) _stretches.Sort();      // the clock was set back
        _isSorted = true;
        long untilUs = UnixTime.ToMicroseconds(from), toUs = UnixTime.ToMicroseconds(to), missing = 0;
        foreach (var (start, end) in _stretches)
        {
            if (start >= toUs) break;
            missing += Math.Max(0, start - untilUs);
            untilUs = Math.Max(untilUs, end);
        }

        return TimeSpan.FromMicroseconds(missing + Math.Max(0, toUs - untilUs));
    }
}
