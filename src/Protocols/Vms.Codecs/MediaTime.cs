namespace Vms.Codecs;

/// <summary>A point or span on a track's media clock: <paramref name="Ticks"/> of 1/<paramref name="Timescale"/> s.
/// The only place that rescales; 128-bit inside, so that years at 90 kHz do not overflow.</summary>
/// <param name="Ticks">May be negative.</param>
/// <param name="Timescale">Ticks per second, above 0.</param>
public readonly record struct MediaTime(long Ticks, int Timescale) : IComparable<MediaTime>
{
    /// <summary>The timescale of video RTP (RFC 6184 §8.2.1).</summary>
    public const int VideoTimescale = 90_000;

    private const int MicrosecondsPerSecond = 1_000_000;

    /// <summary>The same time in another timescale, to the nearest tick (halves away from zero).</summary>
    public MediaTime In(int timescale) => new(Rescale(Ticks, Timescale, timescale), timescale);

    public TimeSpan ToTimeSpan() => new(Rescale(Ticks, Timescale, (int)TimeSpan.TicksPerSecond));

    public long ToMicroseconds() => Rescale(Ticks, Timescale, MicrosecondsPerSecond);

    public static MediaTime FromTimeSpan(TimeSpan time, int timescale) =>
        new(Rescale(time.Ticks, (int)TimeSpan.TicksPerSecond, timescale), timescale);

    public static MediaTime FromMicroseconds(long microseconds, int timescale) =>
        new(Rescale(microseconds, MicrosecondsPerSecond, timescale), timescale);

    /// <summary><paramref name="ticks"/> of 1/<paramref name="from"/> s as ticks of 1/<paramref name="to"/> s, to the nearest.</summary>
    public static long Rescale(long ticks, int from, int to)
    {
        if (from == to)
            return ticks;

        Int128 product = (Int128)ticks * to;
        Int128 half = from / 2;
        return (long)((product >= 0 ? product + half : product - half) / from);
    }

    /// <summary>Exact, also between timescales.</summary>
    public int CompareTo(MediaTime other) => ((Int128)Ticks * other.Timescale).CompareTo((Int128)other.Ticks * Timescale);

    public static bool operator <(MediaTime left, MediaTime right) => left.CompareTo(right) < 0;

    public static bool operator >(MediaTime left, MediaTime right) => left.CompareTo(right) > 0;

    public static bool operator <=(MediaTime left, MediaTime right) => left.CompareTo(right) <= 0;

    public static bool operator >=(MediaTime left, MediaTime right) => left.CompareTo(right) >= 0;
}
