namespace Vms.Recorder.Motion;

/// <summary>Makes one line of footage that could not be looked at for the same reason, as it comes from the newest to the oldest.</summary>
internal sealed class JoinedSkips
{
    /// <summary>What lies farther apart has footage between that could be looked at, or none at all.</summary>
    private const long JoinUs = 1_000_000;

    private (long FromUs, long ToUs, string Reason)? _open;

    /// <returns>The line before, when this is not part of it.</returns>
    public MotionSkipped? Add(long fromUs, long toUs, string reason)
    {
        if (_open is { } open && open.Reason == reason && toUs <= open.ToUs && open.FromUs - toUs <= JoinUs)
        {
            _open = (Math.Min(fromUs, open.FromUs), open.ToUs, reason);
            return null;
        }

        var skipped = End();
        _open = (fromUs, toUs, reason);
        return skipped;
    }

    public MotionSkipped? End()
    {
        if (_open is not var (fromUs, toUs, reason)) return null;
        _open = null;
        return new MotionSkipped(MotionSearch.TimeOf(fromUs), MotionSearch.TimeOf(toUs), reason);
    }
}
