namespace Vms.Control.Outbox;

/// <summary>How the outbox is worked off.</summary>
internal sealed record OutboxOptions
{
    /// <summary>Deliveries of one channel at a time.</summary>
    public int PerChannel { get; init; } = 8;

    /// <summary>Deliveries to one target at a time: one that is slow does not hold up the others.</summary>
    public int PerTarget { get; init; } = 2;

    /// <summary>After so many tries an item is a dead letter: with the back-off some three hours.</summary>
    public int MaxAttempts { get; init; } = 12;

    /// <summary>What waited longer is old news: a dead letter.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Before the second try; then twice as long each time.</summary>
    public TimeSpan FirstBackOff { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan LongestBackOff { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How soon what somebody else put there, or what is due again, is found.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Items that may wait for one target; beyond it the oldest become dead letters.</summary>
    public int MaxWaitingPerTarget { get; init; } = 20_000;

    /// <summary>Dead letters kept for one tenant; beyond it the oldest go.</summary>
    public int MaxDeadPerTenant { get; init; } = 10_000;

    public TimeSpan DeliveredKept { get; init; } = TimeSpan.FromHours(24);

    public TimeSpan DeadKept { get; init; } = TimeSpan.FromDays(30);
}
