namespace Vms.Ai.Motion;

/// <summary>
/// From single pictures in which something moves to a span of motion: begins with the second of two pictures, ends when nothing has moved for a while.
/// One caller at a time.
/// </summary>
internal sealed class MotionSpan
{
    /// <summary>A flicker in one picture is none.</summary>
    private const int BeginsAfter = 2;

    private const long QuietUs = 3_000_000;
    private const long TogetherUs = 2_500_000;

    private int _inARow;
    private long _firstUs;

    /// <summary>Capture time at which the motion that goes on began; 0 while nothing moves.</summary>
    internal long SinceUs { get; private set; }

    internal long LastUs { get; private set; }

    internal bool IsOn => SinceUs != 0;

    /// <summary>What the picture changed: it began, it ended (at <see cref="LastUs"/>, having begun at <see cref="EndedSinceUs"/>), or nothing.</summary>
    internal MotionChange Look(bool moves, long nowUs)
    {
        if (moves)
        {
            if (_inARow == 0 || nowUs - LastUs > TogetherUs)
                (_inARow, _firstUs) = (0, nowUs);
            _inARow++;
            LastUs = nowUs;
            if (IsOn || _inARow < BeginsAfter)
                return MotionChange.None;
            SinceUs = _firstUs;
            return MotionChange.Began;
        }

        if (!IsOn)
        {
            if (nowUs - LastUs > TogetherUs)
                _inARow = 0;
            return MotionChange.None;
        }

        return nowUs - LastUs >= QuietUs ? End() : MotionChange.None;
    }

    /// <summary>Of the span that ended last.</summary>
    internal long EndedSinceUs { get; private set; }

    /// <summary>Goes on with a span from before a restart.</summary>
    internal void Restore(long sinceUs, long lastUs) => (SinceUs, LastUs, _firstUs, _inARow) = (sinceUs, lastUs, sinceUs, BeginsAfter);

    /// <summary>Nobody looks any more, or the camera was turned.</summary>
    internal MotionChange End()
    {
        if (!IsOn)
            return MotionChange.None;
        (EndedSinceUs, SinceUs, _inARow) = (SinceUs, 0, 0);
        return MotionChange.Ended;
    }
}

internal enum MotionChange
{
    None,
    Began,
    Ended,
}
