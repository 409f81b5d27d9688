using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Device;

/// <summary>POST /api/cameras/{id}/device/check: asks the device anew. Credentials that it refused are tried again after five minutes at the earliest.</summary>
internal static class CheckDevice
{
    /// <param name="Port">Of its web server; absent: as known, or 80. HTTPS on 443.</param>
    public sealed record Request(int? Port);

    public static void Map(RouteGroupBuilder device) =>
        device.MapPost("/check", Handle).WithName(nameof(CheckDevice)).WithSummary("Ask the camera's device what it is, now.")
            .Needs(Permissions.CamerasWrite, Scope.Camera).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<Ok<DeviceView>, ProblemHttpResult>> Handle(
        string id, Request? request, HttpContext context, NpgsqlDataSource database, CameraDevices devices, CameraStates states, EventSubscriptions subscriptions,
        CancellationToken cancellationToken)
    {
        if (request?.Port is < 1 or > 65535)
            return Problems.Fields(new FieldProblem("port", "outOfRange", "Use 1 to 65535"));

        var (row, fault) = await devices.CheckAsync(id, request?.Port, Actor.Of(context), cancellationToken);
        if (fault is { Trouble: DeviceTrouble.Busy })
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "deviceBusy", "The device is asked by too many at a time", fault.Detail);
        if (fault is not null || await CameraRow.FindAsync(database, id, cancellationToken) is not { } camera)
            return CameraProblems.NotFound();
        if (row is null)
            return Problems.Of(StatusCodes.Status409Conflict, "notOnvif", "The camera sends to us, and has no address to be asked at");
        return TypedResults.Ok(DeviceView.Of(row, states.Of(camera), subscriptions, id, await DeviceChange.OfAsync(database, id, cancellationToken)));
    }
}
