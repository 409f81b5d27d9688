namespace Vms.Control.Auth;

/// <summary>Every permission by the name that endpoints ask for and <c>GET /api/auth/me</c> answers with.</summary>
internal static class Permissions
{
    public const string CamerasRead = "cameras.read";
    public const string CamerasWrite = "cameras.write";
    public const string LiveView = "live.view";
    public const string StreamsPublish = "streams.publish";
    public const string RecordingsRead = "recordings.read";
    public const string RecordingsStart = "recordings.start";
    public const string RecordingsExport = "recordings.export";
    public const string RecordingsDelete = "recordings.delete";
    public const string RecordingsHold = "recordings.hold";
    public const string BookmarksWrite = "bookmarks.write";
    public const string ClipsWrite = "clips.write";
    public const string AuditRead = "audit.read";
    public const string EventsRead = "events.read";
    public const string EventsWrite = "events.write";
    public const string SystemRead = "system.read";

    public static IReadOnlyList<string> All { get; } =
    [
        CamerasRead, CamerasWrite, LiveView, StreamsPublish, RecordingsRead, RecordingsStart, RecordingsExport, RecordingsDelete, RecordingsHold,
        BookmarksWrite, ClipsWrite, EventsRead, EventsWrite, SystemRead, AuditRead,
    ];
}
