namespace Vms.Media.Ingest;

/// <summary>When a receive pass happened: read once per pass, good for everything in it.</summary>
/// <param name="Monotonic">From any origin; for time-outs and arrival.</param>
/// <param name="UtcUs">Wall clock, microseconds since 1970.</param>
internal readonly record struct IngestTime(TimeSpan Monotonic, long UtcUs)
{
    public static IngestTime Now(TimeProvider clock) =>
        new(clock.GetElapsedTime(0, clock.GetTimestamp()), (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
}
