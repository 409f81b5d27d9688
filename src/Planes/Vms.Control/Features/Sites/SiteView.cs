using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Limits;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Sites;

/// <summary>A site as the API shows it.</summary>
/// <param name="Cameras">How many of its cameras the caller sees.</param>
internal sealed record SiteView(string Id, string Name, int Cameras, UsageLimits Limits, DateTimeOffset CreatedAt) : IVersioned
{
    /// <summary>Of what can be changed, as the <c>ETag</c> of an answer about this one alone has it.</summary>
    public string Version => VersionOf(Name, Limits);

    public static string VersionOf(string name, UsageLimits limits) => ItemVersion.OfContent(name, limits);

    /// <summary>Those that the caller sees something of.</summary>
    /// <param name="id">Null: all of them, by name.</param>
    public static async Task<List<SiteView>> ReadAsync(NpgsqlDataSource database, Rights rights, string? id, CancellationToken cancellationToken)
    {
        var seen = rights.Filter(Permissions.CamerasRead);
        await using var command = database.Command("""
            select s.id, s.name, n.cameras, s.limits, s.created_at from control.site s cross join lateral (
                select count(*)::int as cameras from control.camera c
                where c.site_id = s.id and c.deleted_at is null and ($2::text[] is null or c.id = any($2))) n
            where s.tenant_id = $1 and s.deleted_at is null and ($2::text[] is null or n.cameras > 0 or s.id = any($3)) and ($4::text is null or s.id = $4)
            order by lower(s.name), s.id
            """, seen.TenantId, seen.CameraIds, seen.SiteIds, id);
        return await command.RowsAsync(
            r => new SiteView(
                r.GetString(0), r.GetString(1), r.GetInt32(2), JsonSerializer.Deserialize<UsageLimits>(r.GetString(3), JsonSerializerOptions.Web)!, r.Time(4)),
            cancellationToken);
    }
}
