namespace Vms.Bus;

/// <summary>The streams and buckets that the planes share, in one place: whoever comes first creates them, and equal settings keep the
/// others from changing them. The roles are explained in docs/design/hot-state.md.</summary>
public static class BusLayout
{
    /// <summary>JetStream stream of all events.</summary>
    public const string EventStream = "EVENTS";

    /// <summary>Control's durable consumer of <see cref="EventStream"/>, which writes the events to PostgreSQL.</summary>
    public const string ControlConsumer = "control-events";

    /// <summary>Bucket of media's PipelineStatus, key <c>cameraId.stream</c>.</summary>
    public const string StreamStatusBucket = "stream_status";

    /// <summary>Bucket of the recorder's RecordingStatus, key <c>cameraId.stream</c>.</summary>
    public const string RecordingStatusBucket = "recording_status";

    /// <summary>Bucket of the AI plane's AnalysisStatus, key <c>cameraId.stream</c>.</summary>
    public const string AnalysisStatusBucket = "analysis_status";

    /// <summary>How long a status stands without being written again.</summary>
    public static TimeSpan StatusLifetime { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Planes write each status this often, and at once when it changes.</summary>
    public static TimeSpan StatusRefresh { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Kept a week for consumers that are away; the oldest go first when it is full.</summary>
    public static StreamConfig Events { get; } = new()
    {
        Name = EventStream,
        Subjects = ["vms.events.>"],
        MaxAge = TimeSpan.FromDays(7),
        MaxBytes = 256 * 1024 * 1024,
    };

    /// <summary>Status of some thousand streams; in memory, because the planes write it again after a restart of the server.</summary>
    public static KvConfig Status(string bucket) => new()
    {
        Name = bucket,
        MaxAge = StatusLifetime,
        Storage = StreamStorage.Memory,
        MaxBytes = 8 * 1024 * 1024,
    };

    /// <summary>Subject of an event; one that concerns no single camera has <c>_</c> in its place.</summary>
    /// <param name="type">Dotted words.</param>
    public static string EventSubject(string siteId, string? cameraId, string type) =>
        $"vms.events.{siteId}.{(string.IsNullOrEmpty(cameraId) ? "_" : cameraId)}.{type}";
}
