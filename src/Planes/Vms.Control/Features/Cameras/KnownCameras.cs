using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Features.Cameras;

/// <param name="Id">Of the camera that has the address already.</param>
internal sealed record KnownCamera(string Id, string Name);

/// <summary>The cameras of a tenant by their main stream's address, apart from credentials, letter case of the host and the usual port.</summary>
internal static class KnownCameras
{
    public static async Task<IReadOnlyDictionary<string, KnownCamera>> ByUrlAsync(NpgsqlConnection connection, string tenantId, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("select id, name, main_url from control.camera where tenant_id = $1 and deleted_at is null order by created_at", tenantId);
        var cameras = await command.RowsAsync(r => (Camera: new KnownCamera(r.GetString(0), r.GetString(1)), Key: CameraLine.UrlKey(r.GetString(2))), cancellationToken);
        var known = new Dictionary<string, KnownCamera>(cameras.Count, StringComparer.Ordinal);
        foreach (var (camera, key) in cameras)
        {
            if (key is not null)
                known.TryAdd(key, camera);
        }

        return known;
    }

    /// <summary>Null for an address that no camera has.</summary>
    public static async Task<KnownCamera?> FindAsync(NpgsqlConnection connection, string tenantId, string mainUrl, CancellationToken cancellationToken) =>
        CameraLine.UrlKey(mainUrl) is { } key ? (await ByUrlAsync(connection, tenantId, cancellationToken)).GetValueOrDefault(key) : null;
}
