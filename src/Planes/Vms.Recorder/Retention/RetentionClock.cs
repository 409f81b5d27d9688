namespace Vms.Recorder.Retention;

/// <summary>
/// The time that retention goes by. A wall clock that jumps ahead makes everything old at once; so it is compared with the monotonic
/// clock, and one that has jumped by more than an hour is not believed for a day: until then time goes on from before the jump. What goes
/// back is believed at once: it deletes nothing. One caller at a time.
/// </summary>
internal sealed class RetentionClock
{
    public static readonly TimeSpan BelievedAfter = TimeSpan.FromHours(24);

    private static readonly TimeSpan s_tolerance = TimeSpan.FromHours(1);

    private readonly TimeProvider _time;
    private DateTimeOffset _wall;       // when it was believed last
    private long _at;
    private TimeSpan? _ahead;           // of what is believed; null while that is the wall clock
    private long _doubtedAt;

    /// <param name="lastWrite">When something was recorded last: the clock of the run before; null when nothing ever was.</param>
    public RetentionClock(TimeProvider time, DateTimeOffset? lastWrite)
    {
        _time = time;
        _at = time.GetTimestamp();
        var now = time.GetUtcNow();
        _wall = lastWrite < now ? lastWrite.Value : now;
    }

    /// <summary>As of the last <see cref="Now"/>: the wall clock has jumped ahead and is not believed.</summary>
    public bool IsDoubted => _ahead is not null;

    public DateTimeOffset Now()
    {
        var wall = _time.GetUtcNow();
        var steady = _wall + _time.GetElapsedTime(_at);
        var ahead = wall - steady;
        bool isNew = _ahead is not { } known || (ahead - known).Duration() > s_tolerance;
        if (ahead <= s_tolerance || (!isNew && _time.GetElapsedTime(_doubtedAt) >= BelievedAfter))
        {
            (_wall, _at, _ahead) = (wall, _time.GetTimestamp(), null);
            return wall;
        }

        if (isNew)
        {
            (_ahead, _doubtedAt) = (ahead, _time.GetTimestamp());
        }

        return steady;
    }
}
