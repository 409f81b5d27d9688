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
        app.MapGet("/api/sites", Handle).WithName(nameof(ListSites)).WithSummary("List sites.").WithTags("Sites").RequireAuthorization(Permissions.CamerasRead)
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);

    private static async Task<Ok<Page<SiteView>>> Handle(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Command("""
            select s.id, s.name, (select count(*)::int from control.camera c where c.site_id = s.id and c.deleted_at is null)
            from control.site s order by lower(s.name), s.id
            """);
        var sites = await command.RowsAsync(r => new SiteView(r.GetString(0), r.GetString(1), r.GetInt32(2)), cancellationToken);
        return TypedResults.Ok(new Page<SiteView>(sites, null));
    }
}
