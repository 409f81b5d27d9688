using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Features.Cameras;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Device;

/// <summary>GET /api/cameras/{id}/device: what is known; nobody is asked.</summary>
internal static class GetDevice
{
    public static void Map(RouteGroupBuilder device) =>
        device.MapGet("/", Handle).WithName(nameof(GetDevice)).WithSummary("What the camera's device is, what it can do, how its clock is and what changed.")
            .Needs(Permissions.CamerasRead, Scope.Camera).ProducesProblem(404);

    private static async Task<Results<Ok<DeviceView>, ProblemHttpResult>> Handle(
        string id, NpgsqlDataSource database, CameraStates states, EventSubscriptions subscriptions, CancellationToken cancellationToken)
    {
        if (await CameraRow.FindAsync(database, id, cancellationToken) is not { } camera)
            return CameraProblems.NotFound();
        return TypedResults.Ok(DeviceView.Of(
            await DeviceRow.FindAsync(database, id, cancellationToken), states.Of(camera), subscriptions, id, await DeviceChange.OfAsync(database, id, cancellationToken)));
    }
}
