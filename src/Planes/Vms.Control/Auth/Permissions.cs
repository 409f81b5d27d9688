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
    public const string EventsRead = "events.read";
    public const string EventsWrite = "events.write";
    public const string SystemRead = "system.read";
    public const string AuditRead = "audit.read";
    public const string PtzControl = "ptz.control";
    public const string ImagingWrite = "imaging.write";
    public const string RelaysWrite = "relays.write";
    public const string DevicesDiscover = "devices.discover";
    public const string UsersRead = "users.read";
    public const string UsersWrite = "users.write";
    public const string RolesWrite = "roles.write";
    public const string ApiKeysWrite = "apikeys.write";
    public const string SitesWrite = "sites.write";
    public const string GroupsWrite = "groups.write";
    public const string LayoutsWrite = "layouts.write";
    public const string JobsRead = "jobs.read";
    public const string JobsWrite = "jobs.write";
    public const string ServersWrite = "servers.write";
    public const string TenantsWrite = "tenants.write";
    public const string SystemWrite = "system.write";
    public const string RulesWrite = "rules.write";
    public const string AlarmsWrite = "alarms.write";
    public const string DetectionsWrite = "detections.write";
    public const string PlatesWrite = "plates.write";
    public const string IntegrationsWrite = "integrations.write";

    public static IReadOnlyList<string> All { get; } =
    [
        CamerasRead, CamerasWrite, LiveView, StreamsPublish, RecordingsRead, RecordingsStart, RecordingsExport, RecordingsDelete, RecordingsHold,
        BookmarksWrite, ClipsWrite, EventsRead, EventsWrite, SystemRead, AuditRead, PtzControl, ImagingWrite, RelaysWrite, DevicesDiscover, UsersRead,
        UsersWrite, RolesWrite, ApiKeysWrite, SitesWrite, GroupsWrite, LayoutsWrite, JobsRead, JobsWrite, ServersWrite, TenantsWrite, SystemWrite,
        IntegrationsWrite, RulesWrite, AlarmsWrite, DetectionsWrite, PlatesWrite,
    ];

    /// <summary>About the machine that all tenants share: they have an effect for accounts of the first tenant alone.</summary>
    public static IReadOnlyList<string> OfInstallation { get; } = [SystemRead, ServersWrite, TenantsWrite, SystemWrite];
}
