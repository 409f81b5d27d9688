using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Device;
using Vms.Onvif.Soap;

namespace Vms.Control.Features.Imaging;

/// <summary>Has the lens of a camera move.</summary>
internal static class FocusOrders
{
    /// <param name="call">By the token of the sensor.</param>
    /// <param name="detail">Noted when the device does it; null: nothing is.</param>
    public static async Task<Results<NoContent, ProblemHttpResult>> SendAsync(
        string cameraId, Func<string, OnvifCall<Done>> call, object? detail, HttpContext context, CameraDevices devices, NpgsqlDataSource database, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (link, fault) = await devices.OpenAsync(cameraId, cancellationToken);
        using (link)
        {
            if (link is null)
                return fault!.ToProblem(DeviceFeature.Imaging);
            (var sensor, fault) = await ImagingSensor.OfAsync(link, cancellationToken);
            if (sensor is null)
                return fault!.ToProblem(DeviceFeature.Imaging);
            if (!sensor.Options.HasManualFocus)
                return new DeviceFault(DeviceTrouble.NotSupported, "Its device cannot be focused by hand").ToProblem(DeviceFeature.Imaging);

            var refused = detail is null
                ? DeviceFault.Of(await link.CallAsync(call(sensor.Source), CancellationToken.None))
                : await new DeviceOrder(database, time, Actor.Of(context), "focus.moved", cameraId, detail).SendAsync(link, call(sensor.Source), cancellationToken);
            return refused is null ? TypedResults.NoContent() : refused.ToProblem(DeviceFeature.Imaging);
        }
    }
}
