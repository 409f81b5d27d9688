using System.Collections.Concurrent;
using Npgsql;

namespace Vms.Control.Features.Device;

/// <summary>What is known of the devices, in memory, for those who look at all of them often. Any thread.</summary>
internal sealed class DeviceStates(NpgsqlDataSource database)
{
    private volatile ConcurrentDictionary<string, DeviceRow> _rows = new(StringComparer.Ordinal);

    /// <summary>Null: nothing is known of the camera's device.</summary>
    public DeviceRow? Of(string cameraId) => _rows.GetValueOrDefault(cameraId);

    public void Put(DeviceRow row) => _rows[row.CameraId] = row;

    /// <summary>Reads all anew: what was stored elsewhere, and cameras that are gone.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var rows = await DeviceRow.AllAsync(database, cancellationToken);
        _rows = new(rows.Select(row => KeyValuePair.Create(row.CameraId, row)), StringComparer.Ordinal);
    }
}
