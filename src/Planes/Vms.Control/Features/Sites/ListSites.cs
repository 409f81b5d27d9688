using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.Sites;

/// <summary>GET /api/sites.</summary>
internal static class ListSites
{
    public sealed record SiteView(string Id, string Name, int Cameras);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/sites", Handle).WithName(nameof(ListSites)).WithSummary("List sites.").WithTags("Sites").Needs(Permissions.CamerasRead, Scope.Cameras)
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);

    private static async Task<Ok<Page<SiteView>>> Handle(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var seen = Caller.Of(context).Rights.Filter(Permissions.CamerasRead);
        await using var command = database.Command("""
            select s.id, s.name, n.cameras from control.site s cross join lateral (
                select count(*)::int as cameras from control.camera c
                where c.site_id = s.id and c.deleted_at is null and ($2::text[] is null or c.id = any($2))) n
            where s.tenant_id = $1 and ($2::text[] is null or n.cameras > 0 or s.id = any($3)) order by lower(s.name), s.id
            """, seen.TenantId, seen.CameraIds, seen.SiteIds);
        var sites = await command.RowsAsync(r => new SiteView(r.GetString(0), r.GetString(1), r.GetInt32(2)), cancellationToken);
        return TypedResults.Ok(new Page<SiteView>(sites, null));
    }
}
