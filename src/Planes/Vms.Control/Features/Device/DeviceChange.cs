using Npgsql;
using Vms.Control.Data;
using Vms.Onvif.Device;

namespace Vms.Control.Features.Device;

/// <summary>Something that a device says otherwise than before: an update, or another device in its place.</summary>
/// <param name="What">maker, model, firmware, serialNumber or hardwareId.</param>
internal sealed record DeviceChange(DateTimeOffset At, string What, string Was, string Now)
{
    /// <summary>Of a device; the oldest are forgotten.</summary>
    public const int MaxKept = 100;

    /// <summary>What one device says now and said otherwise before. What it did not tell, then or now, is no change.</summary>
    public static IReadOnlyList<DeviceChange> Between(DeviceInformation was, DeviceInformation now, DateTimeOffset at)
    {
        (string What, string Was, string Now)[] fields =
        [
            ("maker", was.Manufacturer, now.Manufacturer), ("model", was.Model, now.Model), ("firmware", was.Firmware, now.Firmware),
            ("serialNumber", was.SerialNumber, now.SerialNumber), ("hardwareId", was.HardwareId, now.HardwareId),
        ];
        return [.. fields.Where(field => field.Was.Length > 0 && field.Now.Length > 0 && field.Was != field.Now).Select(field => new DeviceChange(at, field.What, field.Was, field.Now))];
    }

    /// <summary>Newest first.</summary>
    public static async Task<List<DeviceChange>> OfAsync(NpgsqlDataSource database, string cameraId, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select at, what, was, now from control.device_change where camera_id = $1 order by id desc limit $2", cameraId, MaxKept);
        return await command.RowsAsync(row => new DeviceChange(row.Time(0), row.GetString(1), row.GetString(2), row.GetString(3)), cancellationToken);
    }

    /// <summary>The newest of each camera.</summary>
    public static async Task<List<KeyValuePair<string, DeviceChange>>> NewestAsync(NpgsqlDataSource database, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            "select distinct on (camera_id) camera_id, at, what, was, now from control.device_change where at >= $1 order by camera_id, id desc", since.ToUniversalTime());
        return await command.RowsAsync(
            row => KeyValuePair.Create(row.GetString(0), new DeviceChange(row.Time(1), row.GetString(2), row.GetString(3), row.GetString(4))), cancellationToken);
    }

    public static async Task AddAsync(NpgsqlConnection connection, string cameraId, IReadOnlyList<DeviceChange> changes, CancellationToken cancellationToken)
    {
        foreach (var change in changes)
        {
            await connection.ExecuteAsync(
                "insert into control.device_change (camera_id, at, what, was, now) values ($1, $2, $3, $4, $5)",
                [cameraId, change.At, change.What, change.Was, change.Now], cancellationToken);
        }

        await connection.ExecuteAsync(
            "delete from control.device_change where camera_id = $1 and id <= (select id from control.device_change where camera_id = $1 order by id desc offset $2 limit 1)",
            [cameraId, MaxKept], cancellationToken);
    }
}
