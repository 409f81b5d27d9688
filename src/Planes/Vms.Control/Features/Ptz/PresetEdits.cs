using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Device;
using Vms.Hosting;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>A place that a device has a name for.</summary>
/// <param name="Id">As the device calls it.</param>
internal sealed record PresetView(string Id, string Name);

/// <summary>What is common to changes of presets: they are the device's, and on record here.</summary>
internal static class PresetEdits
{
    /// <summary>Characters of a token: longer ones are none (ONVIF: tt:ReferenceToken).</summary>
    public const int MaxToken = 64;

    public static ProblemHttpResult NotFound() => Problems.NotFound("presetNotFound", "The camera has no such preset");

    /// <summary>Null for what is a name, trimmed.</summary>
    public static FieldProblem? Check(ref string? name)
    {
        name = name?.Trim();
        if (string.IsNullOrEmpty(name))
            return new FieldProblem("name", "required", "The preset needs a name");
        return name.Length > PtzPreset.MaxName || name.Any(char.IsControl) ? new FieldProblem("name", "tooLong", $"Use at most {PtzPreset.MaxName} characters") : null;
    }

    /// <summary>The preset that a device calls so, by the name that it has there.</summary>
    /// <returns>Null in both: it has none.</returns>
    public static async Task<(PtzPreset? Preset, DeviceFault? Fault)> FindAsync(PtzMotor motor, string token, CancellationToken cancellationToken)
    {
        var presets = await motor.Link.CallAsync(PtzPreset.GetAll(motor.Profile), cancellationToken);
        return presets.IsSuccess ? (presets.Value.FirstOrDefault(preset => preset.Token == token), null) : (null, DeviceFault.Of(presets.Failure));
    }

    /// <summary>Has a device change a preset, and notes it: neither without the other.</summary>
    /// <param name="action">preset.added, stored or deleted.</param>
    /// <param name="name">Null: the preset's.</param>
    /// <param name="change">The preset that was found; null for a new one.</param>
    /// <returns>The preset as it is now, or why not.</returns>
    public static async Task<(PresetView? Preset, ProblemHttpResult? Problem)> ChangeAsync(
        string cameraId, string? token, string? name, string action, HttpContext context, PtzControl control, NpgsqlDataSource database, TimeProvider time,
        Func<PtzMotor, PtzPreset?, CancellationToken, Task<OnvifResult<string>>> change, CancellationToken cancellationToken)
    {
        var (session, problem) = await control.TakeAsync(cameraId, context, cancellationToken);
        if (session is null)
            return (null, problem);

        PresetView? changed = null;
        bool isMissing = false;
        var actor = Actor.Of(context);
        var fault = await session.DoAsync(async (motor, limit) =>
        {
            PtzPreset? preset = null;
            if (token is not null)
            {
                (preset, var unknown) = await FindAsync(motor, token, limit);
                isMissing = preset is null;
                if (preset is null)
                    return unknown;
                preset = (await PresetNames.OverAsync(database, cameraId, [preset], limit))[0];
            }

            await using var connection = await database.OpenConnectionAsync(limit);      // before: nothing is changed that cannot be noted
            var result = await change(motor, preset, limit);
            if (await motor.Link.NoteAsync(result.Failure, limit) is { } failure)
                return DeviceFault.Of(failure);
            changed = new PresetView(result.Value!, name ?? preset?.Name ?? result.Value!);
            await PresetNames.ForgetAsync(connection, cameraId, changed.Id, limit);
            await AuditLog.AddAsync(connection, time.GetUtcNow(), actor, action, cameraId, new { preset = changed.Id, changed.Name }, limit);
            return null;
        });
        if (fault is not null)
            return (null, fault.ToProblem(DeviceFeature.Ptz));
        return isMissing ? (null, NotFound()) : (changed, null);
    }
}
