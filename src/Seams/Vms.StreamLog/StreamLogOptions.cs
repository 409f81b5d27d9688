namespace Vms.StreamLog;

/// <summary>How much history a log keeps. Capacity = (max(<see cref="PreRoll"/>, <see cref="OutageBudget"/>) + 2 × longest GOP + 5 s)
/// × peak bitrate over 10 s × 1.25, measured while writing; the log starts small and grows.</summary>
public sealed record StreamLogOptions
{
    public const long MinCapacityBytes = 4096;

    /// <summary>Room for records in a new log. A sub stream does with 1 MiB.</summary>
    public long InitialCapacityBytes { get; init; } = 8 << 20;

    /// <summary>Never grows beyond. Equal to <see cref="InitialCapacityBytes"/>: never grows.</summary>
    public long MaxCapacityBytes { get; init; } = 512 << 20;

    /// <summary>A reader that stands still this long loses nothing.</summary>
    public TimeSpan OutageBudget { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>History that recording rules ask for before an event.</summary>
    public TimeSpan PreRoll { get; init; }

    /// <summary>Asked before the log grows by so many bytes, on any thread: why it must not, or null. What memory all logs together may
    /// take is for their owner to say.</summary>
    public Func<long, string?>? GrowthRefusal { get; init; }

    internal StreamLogOptions Validated()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(InitialCapacityBytes, MinCapacityBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCapacityBytes, InitialCapacityBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(OutageBudget, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(PreRoll, TimeSpan.Zero);
        return this;
    }
}
