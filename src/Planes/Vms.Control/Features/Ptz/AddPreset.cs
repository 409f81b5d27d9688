using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.FrontDoor;
using Vms.Hosting;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>POST /api/cameras/{id}/ptz/presets: gives where the camera looks now a name.</summary>
internal static class AddPreset
{
    public sealed record Request(string? Name);

    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapPost("/presets", Handle).WithName(nameof(AddPreset)).WithSummary("Give where the camera looks now a name.").Needs(Permissions.PtzControl, Scope.Camera)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<PresetView>, ProblemHttpResult>> Handle(
        Request request, string id, HttpContext context, PtzControl control, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        string? name = request.Name;
        if (PresetEdits.Check(ref name) is { } wrong)
            return Problems.Fields(wrong);
        var (preset, problem) = await PresetEdits.ChangeAsync(
            id, null, name, "preset.added", context, control, database, time, (motor, _, limit) => motor.Client.CallAsync(PtzPreset.Set(motor.Profile, null, name!), limit), cancellationToken);
        return preset is null ? problem! : TypedResults.Created($"/api/cameras/{id}/ptz/presets/{Uri.EscapeDataString(preset.Id)}", preset);
    }
}
