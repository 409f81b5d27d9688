using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Hosting;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>PUT /api/cameras/{id}/ptz/presets/{preset}: it is where the camera looks now.</summary>
internal static class StorePreset
{
    /// <param name="Name">Absent: it keeps its name.</param>
    public sealed record Request(string? Name);

    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapPut("/presets/{preset}", Handle).WithName(nameof(StorePreset)).WithSummary("Make where the camera looks now the preset's place.").Needs(Permissions.PtzControl, Scope.Camera)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, string preset, Request? request, HttpContext context, PtzControl control, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        string? name = request?.Name;
        if (name is not null && PresetEdits.Check(ref name) is { } wrong)
            return Problems.Fields(wrong);
        if (preset.Length > PresetEdits.MaxToken)
            return PresetEdits.NotFound();
        var (_, problem) = await PresetEdits.ChangeAsync(
            id, preset, name, "preset.stored", context, control, database, time, (motor, known, limit) => motor.Client.CallAsync(PtzPreset.Set(motor.Profile, preset, name ?? known!.Name), limit), cancellationToken);
        return problem is null ? TypedResults.NoContent() : problem;
    }
}
