using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Devices.Onvif;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>DELETE /api/cameras/{id}/ptz/presets/{preset}.</summary>
internal static class DeletePreset
{
    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapDelete("/presets/{preset}", Handle).WithName(nameof(DeletePreset)).WithSummary("Delete a preset.").Needs(Permissions.PtzControl, Scope.Camera);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, string preset, HttpContext context, PtzControl control, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        if (preset.Length > PresetEdits.MaxToken)
            return PresetEdits.NotFound();
        var (_, problem) = await PresetEdits.ChangeAsync(
            id, preset, null, "preset.deleted", context, control, database, time,
            async (motor, _, limit) =>
            {
                var removed = await motor.Client.CallAsync(PtzPreset.Remove(motor.Profile, preset), limit);
                return removed.IsSuccess ? OnvifResult<string>.Of(preset) : OnvifResult<string>.Failed(removed.Failure);
            },
            cancellationToken);
        return problem is null ? TypedResults.NoContent() : problem;
    }
}
