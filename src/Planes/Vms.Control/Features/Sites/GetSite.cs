using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;

namespace Vms.Control.Features.Sites;

/// <summary>GET /api/sites/{id}.</summary>
internal static class GetSite
{
    public static void Map(RouteGroupBuilder sites) =>
        sites.MapGet("/{id}", Handle).WithName(nameof(GetSite)).WithSummary("Get a site.").Needs(Permissions.CamerasRead).ProducesProblem(404);

    private static async Task<Results<Ok<SiteView>, ProblemHttpResult>> Handle(
        string id, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        await SiteView.ReadAsync(database, Caller.Of(context).Rights, id, cancellationToken) is [var site] ? TypedResults.Ok(site) : SiteProblems.NotFound();
}
