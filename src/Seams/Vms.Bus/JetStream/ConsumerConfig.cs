using System.Text.Json.Serialization;

namespace Vms.Bus;

/// <summary>A durable pull consumer as it should be: the server remembers its position across restarts of both sides.</summary>
public sealed record ConsumerConfig
{
    public required string DurableName { get; init; }

    public string? Description { get; init; }

    /// <summary>Only messages on this subject (wildcards allowed); null: all of the stream.</summary>
    public string? FilterSubject { get; init; }

    /// <summary>Where a new consumer begins.</summary>
    public DeliverPolicy DeliverPolicy { get; init; } = DeliverPolicy.All;

    /// <summary>A message that is not acknowledged in this time is delivered again.</summary>
    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan AckWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Deliveries of one message; -1: until it is acknowledged.</summary>
    public int MaxDeliver { get; init; } = -1;

    /// <summary>Messages delivered and not yet acknowledged; the server waits beyond that.</summary>
    public int MaxAckPending { get; init; } = 1000;
}

public enum DeliverPolicy
{
    [JsonStringEnumMemberName("all")]
    All,

    /// <summary>Only what is published from now on.</summary>
    [JsonStringEnumMemberName("new")]
    New,

    [JsonStringEnumMemberName("last_per_subject")]
    LastPerSubject,
}
