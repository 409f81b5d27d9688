using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Features.Device;

namespace Vms.Control.Features.Imaging;

/// <summary>GET /api/cameras/{id}/imaging: as the device has it.</summary>
internal static class GetImaging
{
    public static void Map(RouteGroupBuilder imaging) =>
        imaging.MapGet("/", Handle).WithName(nameof(GetImaging)).WithSummary("How the camera's picture is set, and how it can be.").Needs(Permissions.CamerasRead, Scope.Camera);

    private static async Task<Results<Ok<ImagingView>, ProblemHttpResult>> Handle(string id, CameraDevices devices, CancellationToken cancellationToken)
    {
        var (link, fault) = await devices.OpenAsync(id, cancellationToken);
        using (link)
        {
            if (link is null)
                return fault!.ToProblem(DeviceFeature.Imaging);
            (var sensor, fault) = await ImagingSensor.OfAsync(link, cancellationToken);
            if (sensor is null)
                return fault!.ToProblem(DeviceFeature.Imaging);
            var settings = await sensor.ReadAsync(cancellationToken);
            return settings.IsSuccess ? TypedResults.Ok(ImagingView.Of(settings.Value, sensor.Options)) : DeviceFault.Of(settings.Failure).ToProblem(DeviceFeature.Imaging);
        }
    }
}
