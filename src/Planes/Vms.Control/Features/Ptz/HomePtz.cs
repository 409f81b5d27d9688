using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Features.Device;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>POST /api/cameras/{id}/ptz/home: moves to where the device is at home.</summary>
internal static class HomePtz
{
    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapPost("/home", Handle).WithName(nameof(HomePtz)).WithSummary("Move to the home position.").Moves();

    private static Task<Results<NoContent, ProblemHttpResult>> Handle(string id, HttpContext context, PtzControl control, CancellationToken cancellationToken) => control.OrderAsync(
        id, context, session => session.DoAsync(async (motor, limit) => DeviceFault.Of(await motor.Link.CallAsync(PtzPreset.GoHome(motor.Profile), limit))), cancellationToken);
}
