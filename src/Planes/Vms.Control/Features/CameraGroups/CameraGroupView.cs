using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.CameraGroups;

/// <summary>A camera group as the API shows it.</summary>
/// <param name="ParentId">The group that it is in; null: none.</param>
/// <param name="CameraIds">Cameras in it itself that the caller sees.</param>
internal sealed record CameraGroupView(string Id, string Name, string? ParentId, IReadOnlyList<string> CameraIds, DateTimeOffset CreatedAt) : IVersioned
{
    /// <summary>Of what can be changed, as the <c>ETag</c> of an answer about this one alone has it.</summary>
    public string Version => VersionOf(Name, ParentId, CameraIds);

    private static string VersionOf(string name, string? parentId, IEnumerable<string> cameraIds) =>
        ItemVersion.OfContent(name, parentId, cameraIds.Order(StringComparer.Ordinal));

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

    /// <summary>Null: there is no such group, or the client names the version that the group has for the caller.</summary>
    public static async Task<ProblemHttpResult?> CheckVersionAsync(
        NpgsqlConnection connection, HttpContext context, Rights rights, string id, CancellationToken cancellationToken)
    {
        if (context.Request.Headers.IfMatch.Count == 0)
            return null;
        var seen = rights.Filter(Permissions.CamerasRead);
        await using var command = connection.Command("""
            select g.name, g.parent_id, array(
                select m.camera_id from control.camera_group_member m join control.camera c on c.id = m.camera_id and c.deleted_at is null
                where m.group_id = g.id and ($3::text[] is null or m.camera_id = any($3)))
            from control.camera_group g where g.id = $1 and g.tenant_id = $2
            """, id, seen.TenantId, seen.CameraIds);
        return await command.FirstAsync(r => VersionOf(r.GetString(0), r.StringOrNull(1), r.GetFieldValue<string[]>(2)), cancellationToken) is { } version
            ? ItemVersion.Check(context, version)
            : null;
    }

    public static async Task<CameraGroupView?> FindAsync(NpgsqlDataSource database, Rights rights, string id, CancellationToken cancellationToken) =>
        (await ReadAsync(database, rights, cancellationToken)).Find(g => g.Id == id);
}
