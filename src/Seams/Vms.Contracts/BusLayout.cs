namespace Vms.Contracts;

/// <summary>Names and limits of what the planes share on the bus. Whoever comes first creates it; equal settings keep that harmless.</summary>
public static class BusLayout
{
    /// <summary>JetStream stream of all events.</summary>
    public const string EventStream = "EVENTS";

    /// <summary>Subjects of <see cref="EventStream"/>.</summary>
    public const string EventSubjects = "vms.events.>";

    /// <summary>Control's durable consumer, which writes the events to PostgreSQL.</summary>
    public const string ControlConsumer = "control-events";

    /// <summary>The recorder's durable consumer: events that recordings wait for.</summary>
    public const string RecorderConsumer = "recorder-triggers";

    /// <summary>Bucket of media's PipelineStatus, key <c>cameraId.stream</c>.</summary>
    public const string StreamStatusBucket = "stream_status";

    /// <summary>Bucket of the recorder's RecordingStatus, key <c>cameraId.stream</c>.</summary>
    public const string RecordingStatusBucket = "recording_status";

    /// <summary>Bucket of the AI plane's AnalysisStatus, key <c>cameraId.stream</c>.</summary>
    public const string AnalysisStatusBucket = "analysis_status";

    /// <summary>Bucket of where PTZ cameras stand, key <c>cameraId</c>: <c>{"preset", "at"}</c>, the preset empty where the camera stands at none.</summary>
    public const string PtzBucket = "ptz_positions";

    /// <summary>Largest size of <see cref="EventStream"/>; the oldest go first. Twenty thousand events, each with the largest picture of an object (24 KiB, in base64);
    /// a private server's file store has 2 GB.</summary>
    public const long EventMaxBytes = 768L << 20;

    /// <summary>How long the stream keeps an event for consumers that are away.</summary>
    public static TimeSpan EventMaxAge { get; } = TimeSpan.FromDays(7);

    /// <summary>How long a status stands without being written again. Planes write every <see cref="StatusRefresh"/> and on change.</summary>
    public static TimeSpan StatusLifetime { get; } = TimeSpan.FromSeconds(60);

    public static TimeSpan StatusRefresh { get; } = TimeSpan.FromSeconds(20);

    /// <summary>An event with <c>"ongoing": true</c> goes on for so long after each time it is said, and is over at its <c>endAt</c>.</summary>
    public static TimeSpan OngoingLifetime { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Type of the event that says that others were lost: <c>data</c> has count, reason and, where it is known, from.</summary>
    public const string EventsLost = "system.eventsLost";

    /// <summary>First words of the events that the system tells about itself.</summary>
    public static IReadOnlyList<string> OwnEventWords { get; } =
        ["camera", "recording", "retention", "storage", "stream", "system", "index", "integrity", "export"];

    /// <summary>The system tells this about itself; everything else was reported by cameras, analytics and other programs.</summary>
    /// <param name="type">Dotted words.</param>
    public static bool IsOwnEvent(string type)
    {
        int end = type.IndexOf('.', StringComparison.Ordinal);
        return OwnEventWords.Contains(end < 0 ? type : type[..end]);
    }

    /// <summary>Core subjects of the boxes of objects as they are found, stored nowhere: <c>vms.tracks.SITE.CAMERA</c>.</summary>
    public const string TracksSubjects = "vms.tracks.*.*";

    public static string TracksSubject(string siteId, string cameraId) => $"vms.tracks.{Token(siteId.Length == 0 ? "default" : siteId)}.{Token(cameraId)}";

    /// <summary>Core subjects of what changed in a camera's picture from keyframe to keyframe, for its archive: <c>vms.motion.CAMERA</c>, one entry of a
    /// motion file each.</summary>
    public const string MotionSubjects = "vms.motion.*";

    public static string MotionSubject(string cameraId) => $"vms.motion.{Token(cameraId)}";

    /// <summary>Core subjects of where people's heads were in a camera's pictures, for exports that hide them: <c>vms.heads.CAMERA</c>, one entry of a head file
    /// each.</summary>
    public const string HeadsSubjects = "vms.heads.*";

    public static string HeadsSubject(string cameraId) => $"vms.heads.{Token(cameraId)}";

    /// <summary>Stands in a subject for no camera.</summary>
    public const string NoCamera = "_";

    /// <summary>Subject of an event; one that concerns no single camera has <c>_</c> in its place. A type of several words is several tokens:
    /// whoever wants all events listens to <see cref="EventSubjects"/>.</summary>
    public static string EventSubject(string siteId, string? cameraId, string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return $"vms.events.{Token(siteId)}.{(string.IsNullOrEmpty(cameraId) ? NoCamera : Token(cameraId))}.{string.Join('.', type.Split('.').Select(Token))}";
    }

    /// <summary>What may stand between two dots of a subject: everything else would be a wildcard, another token, or none at all.</summary>
    public static string Token(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == 0 ? "-" : string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-'));
    }
}
