using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Device;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>GET /api/cameras/{id}/ptz/presets: as the device has them, by the names that they have here.</summary>
internal static class ListPresets
{
    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapGet("/presets", Handle).WithName(nameof(ListPresets)).WithSummary("The places that the camera has names for.").Needs(Permissions.PtzControl, Scope.Camera);

    private static async Task<Results<Ok<Page<PresetView>>, ProblemHttpResult>> Handle(
        string id, PtzControl control, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        IReadOnlyList<PtzPreset> presets = [];
        var fault = await control.Of(id).AskAsync(async (motor, limit) =>
        {
            var told = await motor.Link.CallAsync(PtzPreset.GetAll(motor.Profile), limit);
            presets = told.Value ?? [];
            return DeviceFault.Of(told);
        });
        if (fault is not null)
            return fault.ToProblem(DeviceFeature.Ptz);
        var named = await PresetNames.OverAsync(database, id, presets, cancellationToken);
        return TypedResults.Ok(new Page<PresetView>([.. named.Select(preset => new PresetView(preset.Token, preset.Name))], null));
    }
}
