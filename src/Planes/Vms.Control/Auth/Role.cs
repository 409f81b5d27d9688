using System.Collections.Frozen;

namespace Vms.Control.Auth;

/// <summary>The built-in roles and what each may do. The database has their names alone; roles of the operator's own are rows with their permissions.</summary>
internal static class Role
{
    public const string Admin = "admin";
    public const string Operator = "operator";
    public const string Viewer = "viewer";

    /// <summary>Finds and takes out of the house what happened. Holds are not theirs: whoever looks for evidence should not decide alone that it is
    /// kept for ever; a clip keeps it until somebody deletes the clip.</summary>
    public const string Investigator = "investigator";

    /// <summary>An encoder: sends the pictures of push cameras and sees nothing.</summary>
    public const string Publisher = "publisher";

    /// <summary>Another program: reports events and sees nothing.</summary>
    public const string Sensor = "sensor";

    private static readonly FrozenDictionary<string, PermissionSet> s_permissions = new Dictionary<string, PermissionSet>(StringComparer.Ordinal)
    {
        [Admin] = PermissionSet.Of(Permissions.All),
        [Operator] = PermissionSet.Of(
        [
            Permissions.CamerasRead, Permissions.LiveView, Permissions.RecordingsRead, Permissions.RecordingsStart, Permissions.RecordingsExport,
            Permissions.BookmarksWrite, Permissions.ClipsWrite, Permissions.EventsRead, Permissions.SystemRead, Permissions.PtzControl,
            Permissions.RelaysWrite, Permissions.LayoutsWrite, Permissions.JobsRead, Permissions.AlarmsWrite, Permissions.DetectionsWrite, Permissions.PlatesWrite,
        ]),
        [Viewer] = PermissionSet.Of([Permissions.CamerasRead, Permissions.LiveView, Permissions.RecordingsRead, Permissions.EventsRead]),
        [Investigator] = PermissionSet.Of(
        [
            Permissions.CamerasRead, Permissions.RecordingsRead, Permissions.RecordingsExport, Permissions.BookmarksWrite, Permissions.ClipsWrite,
            Permissions.EventsRead,
        ]),
        [Publisher] = PermissionSet.Of([Permissions.StreamsPublish]),
        [Sensor] = PermissionSet.Of([Permissions.EventsWrite]),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The one that says most first: what <c>GET /api/auth/me</c> calls the account's role.</summary>
    public static IReadOnlyList<string> BuiltIn { get; } = [Admin, Operator, Investigator, Viewer, Publisher, Sensor];

    /// <summary>None for a role that is not built in.</summary>
    public static PermissionSet PermissionsOf(string role) => s_permissions.GetValueOrDefault(role);
}
