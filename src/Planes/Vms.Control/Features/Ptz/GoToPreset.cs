using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Features.Device;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>POST /api/cameras/{id}/ptz/presets/{preset}/go.</summary>
internal static class GoToPreset
{
    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapPost("/presets/{preset}/go", Handle).WithName(nameof(GoToPreset)).WithSummary("Move to a preset.").Moves();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(string id, string preset, HttpContext context, PtzControl control, CancellationToken cancellationToken)
    {
        if (preset.Length > PresetEdits.MaxToken)
            return PresetEdits.NotFound();
        bool isMissing = false;
        var answer = await control.OrderAsync(
            id, context,
            session => session.DoAsync(async (motor, limit) =>
            {
                var gone = await motor.Link.CallAsync(PtzPreset.Go(motor.Profile, preset), limit);
                if (gone.IsSuccess)
                    return null;
                // What a device says of a preset that it does not have is anybody's guess.
                var (known, fault) = await PresetEdits.FindAsync(motor, preset, limit);
                isMissing = known is null && fault is null;
                return DeviceFault.Of(gone);
            }),
            cancellationToken, preset);
        return isMissing ? PresetEdits.NotFound() : answer;
    }
}
