using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.CameraGroups;

/// <summary>GET /api/groups: by name; GET /api/groups/{id}. All at once: there are at most <see cref="CameraGroupRules.MaxGroups"/>.</summary>
internal static class ListCameraGroups
{
    public static void Map(RouteGroupBuilder groups)
    {
        groups.MapGet("/", HandleAsync).WithName(nameof(ListCameraGroups)).WithSummary("List camera groups.").Needs(Permissions.CamerasRead, Scope.Cameras);
        groups.MapGet("/{id}", GetAsync).WithName("GetCameraGroup").WithSummary("Get a camera group.").Needs(Permissions.CamerasRead).ProducesProblem(404);
    }

    private static async Task<Ok<Page<CameraGroupView>>> HandleAsync(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<CameraGroupView>(await CameraGroupView.ReadAsync(database, Caller.Of(context).Rights, cancellationToken), null));

    private static async Task<Results<Ok<CameraGroupView>, ProblemHttpResult>> GetAsync(
        string id, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        await CameraGroupView.FindAsync(database, Caller.Of(context).Rights, id, cancellationToken) is { } group ? TypedResults.Ok(group) : CameraGroupRules.NotFound();
}
