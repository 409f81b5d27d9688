using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.CameraGroups;

/// <summary>A camera group as the API shows it.</summary>
/// <param name="ParentId">The group that it is in; null: none.</param>
/// <param name="CameraIds">Cameras in it itself that the caller sees.</param>
internal sealed record CameraGroupView(string Id, string Name, string? ParentId, IReadOnlyList<string> CameraIds, DateTimeOffset CreatedAt)
{
    /// <summary>Every group of the tenant for whoever sees all of its cameras; else those in which, or below which, there is a camera that they see.</summary>
    public static async Task<List<CameraGroupView>> ReadAsync(NpgsqlDataSource database, Rights rights, CancellationToken cancellationToken)
    {
        var seen = rights.Filter(Permissions.CamerasRead);
        await using var command = database.Command("""
            select g.id, g.name, g.parent_id, array(
                select m.camera_id from control.camera_group_member m join control.camera c on c.id = m.camera_id and c.deleted_at is null
                where m.group_id = g.id and ($2::text[] is null or m.camera_id = any($2)) order by lower(c.name), c.id), g.created_at
            from control.camera_group g where g.tenant_id = $1 order by lower(g.name), g.id
            """, seen.TenantId, seen.CameraIds);
        var all = await command.RowsAsync(
            r => new CameraGroupView(r.GetString(0), r.GetString(1), r.StringOrNull(2), r.GetFieldValue<string[]>(3), r.Time(4)), cancellationToken);
        if (seen.CameraIds is null)
            return all;

        var parents = all.ToDictionary(g => g.Id, g => g.ParentId, StringComparer.Ordinal);
        var shown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in all.Where(g => g.CameraIds.Count > 0))
        {
            for (var at = group.Id; at is not null && shown.Add(at); at = parents.GetValueOrDefault(at))
            {
            }
        }

        return [.. all.Where(g => shown.Contains(g.Id))];
    }

    public static async Task<CameraGroupView?> FindAsync(NpgsqlDataSource database, Rights rights, string id, CancellationToken cancellationToken) =>
        (await ReadAsync(database, rights, cancellationToken)).Find(g => g.Id == id);
}
