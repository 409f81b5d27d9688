using Npgsql;
using Vms.Control.Data;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>
/// What presets are called here. ONVIF has no way to rename one: SetPreset with its token makes it the place where the camera looks now (PTZ Service
/// Specification §5.4.1). A name of ours holds as long as the device calls the preset what it did then; a new name there, or a place that is stored, is newer.
/// </summary>
internal static class PresetNames
{
    /// <summary>A device's presets by the names that they have here.</summary>
    public static async Task<IReadOnlyList<PtzPreset>> OverAsync(NpgsqlDataSource database, string cameraId, IReadOnlyList<PtzPreset> told, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select token, name, device_name from control.preset_name where camera_id = $1", cameraId);
        var ours = (await command.RowsAsync(r => (Token: r.GetString(0), Name: r.GetString(1), DeviceName: r.GetString(2)), cancellationToken)).ToDictionary(n => n.Token, StringComparer.Ordinal);
        return [.. told.Select(preset => ours.TryGetValue(preset.Token, out var our) && our.DeviceName == preset.Name ? preset with { Name = our.Name } : preset)];
    }

    /// <param name="preset">As the device calls it.</param>
    public static Task<int> SetAsync(NpgsqlConnection connection, string cameraId, PtzPreset preset, string name, CancellationToken cancellationToken) => connection.ExecuteAsync(
        """
        insert into control.preset_name (camera_id, token, name, device_name) values ($1, $2, $3, $4)
        on conflict (camera_id, token) do update set name = $3, device_name = $4
        """, [cameraId, preset.Token, name, preset.Name], cancellationToken);

    /// <summary>The device has the name itself now, or the preset is gone.</summary>
    public static Task<int> ForgetAsync(NpgsqlConnection connection, string cameraId, string token, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("delete from control.preset_name where camera_id = $1 and token = $2", [cameraId, token], cancellationToken);

    /// <summary>All of a camera: another device calls other places so.</summary>
    public static Task<int> ForgetAsync(NpgsqlConnection connection, string cameraId, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("delete from control.preset_name where camera_id = $1", [cameraId], cancellationToken);
}
