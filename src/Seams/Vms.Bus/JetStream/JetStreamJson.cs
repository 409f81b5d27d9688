using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vms.Bus;

/// <summary>Messages of the JetStream API (<c>io.nats.jetstream.api.v1.*</c>), as far as they are used.</summary>
internal sealed record ApiError(int Code, int ErrCode, string? Description);

internal sealed record ApiReply
{
    public ApiError? Error { get; init; }
}

internal sealed record PublishReply
{
    public ApiError? Error { get; init; }

    public string Stream { get; init; } = "";

    public ulong Seq { get; init; }

    public bool Duplicate { get; init; }
}

internal sealed record CreateConsumerRequest(string StreamName, ConsumerSettings Config);

/// <summary>What the API takes for a consumer: the public <see cref="ConsumerConfig"/> and what only this library sets.</summary>
internal sealed record ConsumerSettings
{
    public string? DurableName { get; init; }

    public string? Description { get; init; }

    public string? FilterSubject { get; init; }

    public DeliverPolicy DeliverPolicy { get; init; }

    public required string AckPolicy { get; init; }

    public string ReplayPolicy { get; init; } = "instant";

    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan AckWait { get; init; }

    public int MaxDeliver { get; init; } = -1;

    public int MaxAckPending { get; init; }

    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan InactiveThreshold { get; init; }

    public bool HeadersOnly { get; init; }

    public bool MemStorage { get; init; }
}

internal sealed record CreateConsumerReply
{
    public ApiError? Error { get; init; }

    public string Name { get; init; } = "";

    public ulong NumPending { get; init; }
}

internal sealed record ConsumerInfoReply
{
    public ApiError? Error { get; init; }

    public ConsumerPosition? AckFloor { get; init; }
}

internal sealed record ConsumerPosition(ulong ConsumerSeq, ulong StreamSeq);

internal sealed record NextRequest(
    int Batch,
    [property: JsonConverter(typeof(NanosecondsConverter))] TimeSpan Expires,
    [property: JsonConverter(typeof(NanosecondsConverter))] TimeSpan IdleHeartbeat,
    bool NoWait);

internal sealed record StreamInfoReply
{
    public ApiError? Error { get; init; }

    public StreamState? State { get; init; }
}

/// <summary>Durations are nanoseconds in the API.</summary>
internal sealed class NanosecondsConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TimeSpan.FromTicks(reader.GetInt64() / TimeSpan.NanosecondsPerTick);

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Ticks * TimeSpan.NanosecondsPerTick);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(StreamConfig))]
[JsonSerializable(typeof(CreateConsumerRequest))]
[JsonSerializable(typeof(CreateConsumerReply))]
[JsonSerializable(typeof(ConsumerInfoReply))]
[JsonSerializable(typeof(NextRequest))]
[JsonSerializable(typeof(ApiReply))]
[JsonSerializable(typeof(PublishReply))]
[JsonSerializable(typeof(StreamInfoReply))]
internal sealed partial class JetStreamJson : JsonSerializerContext;
