namespace Vms.Recorder.Archive;

/// <summary>Wall clock as microseconds since 1970, the unit of capture times in the stream log, on disk and in PostgreSQL.</summary>
internal static class UnixTime
{
    public static long ToMicroseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>Clamped to what a date can be: a camera may claim any time.</summary>
    public static DateTimeOffset FromMicroseconds(long microseconds) => new(
        DateTimeOffset.UnixEpoch.Ticks + (Math.Clamp(microseconds, 0, s_maxMicroseconds) * TimeSpan.TicksPerMicrosecond),
        TimeSpan.Zero);

    private static readonly long s_maxMicroseconds = ToMicroseconds(new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero));
}
