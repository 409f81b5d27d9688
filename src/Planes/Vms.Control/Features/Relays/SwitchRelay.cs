using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Device;
using Vms.Hosting;
using Vms.Onvif.Device;

namespace Vms.Control.Features.Relays;

/// <summary>POST /api/cameras/{id}/relays/{relay}.</summary>
internal static class SwitchRelay
{
    /// <param name="Active">True: the contact leaves its idle state.</param>
    public sealed record Request(bool? Active);

    public static void Map(RouteGroupBuilder relays) =>
        relays.MapPost("/{relay}", Handle).WithName(nameof(SwitchRelay)).WithSummary("Switch a contact of the camera.").Needs(Permissions.RelaysWrite, Scope.Camera)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Request request, string id, string relay, HttpContext context, CameraDevices devices, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.Active is not { } active)
            return Problems.Fields(new FieldProblem("active", "required", "Say whether it shall be active"));

        var (link, fault) = await devices.OpenAsync(id, cancellationToken);
        using (link)
        {
            if (link is null)
                return fault!.ToProblem(DeviceFeature.Relays);
            var outputs = await link.CallAsync(RelayOutput.GetAll, cancellationToken);
            if (!outputs.IsSuccess)
                return DeviceFault.Of(outputs.Failure).ToProblem(DeviceFeature.Relays);
            if (outputs.Value.All(output => output.Token != relay))
                return Problems.NotFound("relayNotFound", "The camera has no such relay");

            var order = new DeviceOrder(database, time, Actor.Of(context), "relay.switched", id, new { relay, active });
            return await order.SendAsync(link, RelayOutput.SetState(relay, active), cancellationToken) is { } refused
                ? refused.ToProblem(DeviceFeature.Relays) : TypedResults.NoContent();
        }
    }
}
