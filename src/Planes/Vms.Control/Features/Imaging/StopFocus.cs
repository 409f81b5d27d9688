using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Features.Device;
using Vms.Onvif.Imaging;

namespace Vms.Control.Features.Imaging;

/// <summary>POST /api/cameras/{id}/imaging/focus/stop.</summary>
internal static class StopFocus
{
    public static void Map(RouteGroupBuilder imaging) =>
        imaging.MapPost("/focus/stop", Handle).WithName(nameof(StopFocus)).WithSummary("Stop focusing.").Needs(Permissions.ImagingWrite, Scope.Camera);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, HttpContext context, CameraDevices devices, NpgsqlDataSource database, FocusWatch watch, TimeProvider time, CancellationToken cancellationToken)
    {
        var answer = await FocusOrders.SendAsync(id, FocusMoves.Stop, null, context, devices, database, time, cancellationToken);
        if (answer.Result is NoContent)
            watch.Stopped(id);
        return answer;
    }
}
