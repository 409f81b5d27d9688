namespace Vms.Control.Auth;

/// <summary>The built-in roles and what each may do.</summary>
internal static class Role
{
    public const string Admin = "admin";
    public const string Operator = "operator";
    public const string Viewer = "viewer";

    /// <summary>An encoder: sends the pictures of push cameras and sees nothing.</summary>
    public const string Publisher = "publisher";

    /// <summary>Another program: reports events and sees nothing.</summary>
    public const string Sensor = "sensor";

    private static readonly Dictionary<string, string[]> s_permissions = new(StringComparer.Ordinal)
    {
        [Admin] = [.. Permissions.All],
        [Operator] =
        [
            Permissions.CamerasRead, Permissions.LiveView, Permissions.RecordingsRead, Permissions.RecordingsStart, Permissions.RecordingsExport,
            Permissions.BookmarksWrite, Permissions.ClipsWrite, Permissions.EventsRead, Permissions.SystemRead,
        ],
        [Viewer] = [Permissions.CamerasRead, Permissions.LiveView, Permissions.RecordingsRead, Permissions.EventsRead],
        [Publisher] = [Permissions.StreamsPublish],
        [Sensor] = [Permissions.EventsWrite],
    };

    /// <summary>An unknown role has no permission.</summary>
    public static IReadOnlyList<string> PermissionsOf(string role) => s_permissions.GetValueOrDefault(role) ?? [];

    public static bool Allows(string role, string permission) => PermissionsOf(role).Contains(permission);
}
