using System.Collections.Concurrent;
using Npgsql;

namespace Vms.Control.Features.Device;

/// <summary>What is known of the devices, in memory, for those who look at all of them often. Any thread.</summary>
internal sealed class DeviceStates(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>So long a change of a device is an alert: another firmware or another device may be one that nobody ordered.</summary>
    internal static readonly TimeSpan ChangeIsNews = TimeSpan.FromDays(1);

    private volatile ConcurrentDictionary<string, DeviceRow> _rows = new(StringComparer.Ordinal);
    private volatile ConcurrentDictionary<string, DeviceChange> _changes = new(StringComparer.Ordinal);

    /// <summary>Null: nothing is known of the camera's device.</summary>
    public DeviceRow? Of(string cameraId) => _rows.GetValueOrDefault(cameraId);

    /// <summary>The newest change of what the device says of itself, while it is news (<see cref="ChangeIsNews"/>).</summary>
    public DeviceChange? ChangeOf(string cameraId) => _changes.GetValueOrDefault(cameraId) is { } change && time.GetUtcNow() - change.At < ChangeIsNews ? change : null;

    /// <param name="changes">Against what was known before.</param>
    public void Put(DeviceRow row, IReadOnlyList<DeviceChange> changes)
    {
        _rows[row.CameraId] = row;
        if (changes.Count > 0)
            _changes[row.CameraId] = changes[^1];
    }

    /// <summary>Reads all anew: what was stored elsewhere, and cameras that are gone.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var rows = await DeviceRow.AllAsync(database, cancellationToken);
        var changes = await DeviceChange.NewestAsync(database, time.GetUtcNow() - ChangeIsNews, cancellationToken);
        _rows = new(rows.Select(row => KeyValuePair.Create(row.CameraId, row)), StringComparer.Ordinal);
        _changes = new(changes, StringComparer.Ordinal);
    }
}
