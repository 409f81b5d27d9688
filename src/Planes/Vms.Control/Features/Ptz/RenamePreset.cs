using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Device;
using Vms.Hosting;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>PATCH /api/cameras/{id}/ptz/presets/{preset}: another name, the same place. Nothing moves, and nobody who moves the camera is kept from it.</summary>
internal static class RenamePreset
{
    public sealed record Request(string? Name);

    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapPatch("/presets/{preset}", Handle).WithName(nameof(RenamePreset)).WithSummary("Give a preset another name; its place stays.").Needs(Permissions.PtzControl, Scope.Camera)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<Ok<PresetView>, ProblemHttpResult>> Handle(
        string id, string preset, Request request, HttpContext context, PtzControl control, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        string? name = request.Name;
        if (PresetEdits.Check(ref name) is { } wrong)
            return Problems.Fields(wrong);
        if (preset.Length > PresetEdits.MaxToken)
            return PresetEdits.NotFound();

        PtzPreset? known = null;
        var fault = await control.Of(id).AskAsync(async (motor, limit) =>
        {
            (known, var unknown) = await PresetEdits.FindAsync(motor, preset, limit);
            return unknown;
        });
        if (fault is not null)
            return fault.ToProblem(DeviceFeature.Ptz);
        if (known is null)
            return PresetEdits.NotFound();

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (known.Name == name)
            await PresetNames.ForgetAsync(connection, id, preset, cancellationToken);
        else
            await PresetNames.SetAsync(connection, id, known, name!, cancellationToken);
        await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "preset.renamed", id, new { preset, name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new PresetView(preset, name!));
    }
}
