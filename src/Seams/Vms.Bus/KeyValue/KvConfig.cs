namespace Vms.Bus;

/// <summary>A key-value bucket as it should be (NATS ADR-8: a stream with one subject per key).</summary>
public sealed record KvConfig
{
    private static readonly TimeSpan s_duplicateWindow = TimeSpan.FromMinutes(2);

    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>Time to live: a value not written again for so long is gone. Zero: for ever.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>Revisions kept per key, 1..64.</summary>
    public int History { get; init; } = 1;

    public StreamStorage Storage { get; init; } = StreamStorage.File;

    /// <summary>Ceiling of one value.</summary>
    public int MaxValueBytes { get; init; } = 64 * 1024;

    /// <summary>Ceiling of the bucket; a put beyond it is refused. A server reserves it, so several buckets in memory add up.</summary>
    public long MaxBytes { get; init; } = 8 * 1024 * 1024;

    internal StreamConfig ToStream() => new()
    {
        Name = KeyValueBucket.StreamOf(Name),
        Description = Description,
        Subjects = [KeyValueBucket.SubjectOf(Name, ">")],
        Storage = Storage,
        MaxAge = MaxAge,
        MaxBytes = MaxBytes,
        MaxMsgSize = MaxValueBytes,
        MaxMsgsPerSubject = History,
        Discard = StreamDiscard.New,
        DuplicateWindow = MaxAge > TimeSpan.Zero && MaxAge < s_duplicateWindow ? MaxAge : s_duplicateWindow,
        AllowRollupHdrs = true,
        DenyDelete = true,
        AllowDirect = true,
    };
}
