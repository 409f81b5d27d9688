namespace Vms.Recorder.Motion;

/// <summary>Makes one hit of grids with motion that lie close together, as they come from the newest to the oldest.</summary>
internal sealed class JoinedHits(MotionOptions options)
{
    private readonly long _joinUs = (long)options.JoinWithin.TotalMicroseconds;
    private readonly long _longestUs = (long)options.MaxHitLength.TotalMicroseconds;
    private (long FromUs, long ToUs, RegionMotion Motion)? _open;

    /// <summary>Hits given out.</summary>
    public int Count { get; private set; }

    /// <summary>A grid with motion.</summary>
    /// <returns>The hit before, when this one is not part of it.</returns>
    public MotionHit? Add(long fromUs, long toUs, RegionMotion motion)
    {
        if (_open is { } open && toUs <= open.ToUs && open.FromUs - toUs <= _joinUs && open.ToUs - fromUs <= _longestUs)
        {
            _open = (Math.Min(fromUs, open.FromUs), open.ToUs, open.Motion.With(motion));
            return null;
        }

        var hit = End();
        _open = (fromUs, toUs, motion);
        return hit;
    }

    /// <summary>A grid without motion: nothing older than this can still join when it is too far away.</summary>
    public MotionHit? Quiet(long fromUs) => _open is { } open && open.FromUs - fromUs > _joinUs ? End() : null;

    public MotionHit? End()
    {
        if (_open is not var (fromUs, toUs, motion)) return null;
        _open = null;
        Count++;
        return new MotionHit(MotionSearch.TimeOf(fromUs), MotionSearch.TimeOf(toUs), Math.Round(motion.Score / 255.0, 3), motion.Box);
    }
}
