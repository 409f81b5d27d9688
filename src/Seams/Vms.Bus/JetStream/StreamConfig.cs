using System.Text.Json.Serialization;

namespace Vms.Bus;

/// <summary>A JetStream stream as it should be. Serialised as the server's API expects it; limits of -1 mean none.</summary>
public sealed record StreamConfig
{
    public required string Name { get; init; }

    public required IReadOnlyList<string> Subjects { get; init; }

    public string? Description { get; init; }

    public StreamRetention Retention { get; init; } = StreamRetention.Limits;

    public StreamStorage Storage { get; init; } = StreamStorage.File;

    public StreamDiscard Discard { get; init; } = StreamDiscard.Old;

    /// <summary>Time to live of a message; zero: none.</summary>
    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan MaxAge { get; init; }

    public long MaxBytes { get; init; } = -1;

    public long MaxMsgs { get; init; } = -1;

    public int MaxMsgSize { get; init; } = -1;

    public long MaxMsgsPerSubject { get; init; } = -1;

    /// <summary>How long message ids are remembered; longer than a publisher tries, never longer than <see cref="MaxAge"/>.</summary>
    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromMinutes(2);

    public int NumReplicas { get; init; } = 1;

    public bool AllowRollupHdrs { get; init; }

    public bool DenyDelete { get; init; }

    public bool AllowDirect { get; init; }
}

public enum StreamRetention
{
    [JsonStringEnumMemberName("limits")]
    Limits,

    [JsonStringEnumMemberName("interest")]
    Interest,

    /// <summary>A message goes when it was acknowledged.</summary>
    [JsonStringEnumMemberName("workqueue")]
    WorkQueue,
}

public enum StreamStorage
{
    [JsonStringEnumMemberName("file")]
    File,

    /// <summary>Gone when the server restarts.</summary>
    [JsonStringEnumMemberName("memory")]
    Memory,
}

/// <summary>What goes when a limit is reached: the oldest message, or the new one (refused).</summary>
public enum StreamDiscard
{
    [JsonStringEnumMemberName("old")]
    Old,

    [JsonStringEnumMemberName("new")]
    New,
}
