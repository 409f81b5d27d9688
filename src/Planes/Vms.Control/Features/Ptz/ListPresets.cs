using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Device;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>GET /api/cameras/{id}/ptz/presets: as the device has them.</summary>
internal static class ListPresets
{
    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapGet("/presets", Handle).WithName(nameof(ListPresets)).WithSummary("The places that the camera has names for.").Needs(Permissions.PtzControl, Scope.Camera);

    private static async Task<Results<Ok<Page<PresetView>>, ProblemHttpResult>> Handle(string id, PtzControl control)
    {
        IReadOnlyList<PtzPreset> presets = [];
        var fault = await control.Of(id).AskAsync(async (motor, limit) =>
        {
            var told = await motor.Link.CallAsync(PtzPreset.GetAll(motor.Profile), limit);
            presets = told.Value ?? [];
            return DeviceFault.Of(told);
        });
        return fault is null ? TypedResults.Ok(new Page<PresetView>([.. presets.Select(preset => new PresetView(preset.Token, preset.Name))], null)) : fault.ToProblem(DeviceFeature.Ptz);
    }
}
