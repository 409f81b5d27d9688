namespace Vms.Ai.Events;

/// <summary>Wall clock as microseconds since 1970, the unit of capture times in the stream log.</summary>
internal static class UnixTime
{
    private static readonly long s_max = ToMicroseconds(new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero));

    internal static long ToMicroseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>Clamped to what a date can be: a camera may claim any time. In whole milliseconds, as the database and others compare it.</summary>
    internal static DateTimeOffset FromMicroseconds(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Clamp(microseconds, 0, s_max) / 1000);
}
