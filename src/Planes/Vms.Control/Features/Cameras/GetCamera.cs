using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Cameras;

/// <summary>GET /api/cameras/{id}.</summary>
internal static class GetCamera
{
    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapGet("/{id}", Handle).WithName(nameof(GetCamera)).WithSummary("Get a camera.").Needs(Permissions.CamerasRead, Scope.Camera).ProducesProblem(404);

    private static async Task<Results<Ok<CameraView>, ProblemHttpResult>> Handle(
        string id, NpgsqlDataSource database, CameraStates states, CancellationToken cancellationToken) =>
        await CameraRow.FindAsync(database, id, cancellationToken) is { } row
            ? TypedResults.Ok(CameraView.Of(row, states.Of(row)))
            : CameraProblems.NotFound();
}
