using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.Sites;

/// <summary>GET /api/sites: by name. All at once: there are at most <see cref="SiteRow.MaxSites"/>.</summary>
internal static class ListSites
{
    public static void Map(RouteGroupBuilder sites) =>
        sites.MapGet("/", Handle).WithName(nameof(ListSites)).WithSummary("List sites.").Needs(Permissions.CamerasRead, Scope.Cameras);

    private static async Task<Ok<Page<SiteView>>> Handle(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<SiteView>(await SiteView.ReadAsync(database, Caller.Of(context).Rights, null, cancellationToken), null));
}
