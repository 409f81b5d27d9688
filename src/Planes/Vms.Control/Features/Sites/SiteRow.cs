using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.Sites;

internal static class SiteRow
{
    /// <summary>Made by the first migration.</summary>
    public const string DefaultId = "default";

    /// <summary>So many of one tenant: all are shown at once.</summary>
    public const int MaxSites = 1000;

    public const int MaxNameLength = 64;

    /// <summary>Locked until the transaction ends: no camera comes to a site that is being deleted.</summary>
    public static async Task<bool> IsThereAsync(NpgsqlConnection connection, string id, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("select id from control.site where id = $1 and deleted_at is null for share", id);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    /// <summary>Stands in bus subjects and file names. Of another tenant than the first it begins with that tenant's id.</summary>
    public static string NewId(string tenantId)
    {
        var own = Cameras.CameraId.New();
        return tenantId == Tenants.First ? own : $"{tenantId}-{own}";
    }
}
