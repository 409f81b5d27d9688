using Npgsql;
using Vms.Control.Data;
using Vms.Onvif.Soap;

namespace Vms.Control.Features.Device;

/// <summary>Something that a device shall do and that is on record.</summary>
/// <param name="action">As in the audit log.</param>
/// <param name="detail">What was ordered.</param>
internal sealed class DeviceOrder(NpgsqlDataSource database, TimeProvider time, Actor actor, string action, string cameraId, object detail)
{
    /// <summary>Sends it, whether or not the caller is still there: the device may have done what nobody waits for. Without a database it is not sent. What the device
    /// refuses is not on record; what it did not answer is, with the result "unknown".</summary>
    /// <returns>Null when the device did it.</returns>
    public async Task<DeviceFault?> SendAsync<T>(DeviceLink link, OnvifCall<T> call, CancellationToken cancellationToken)
        where T : class
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await transaction.SaveAsync("before", cancellationToken);
        await NoteAsync(connection, AuditLog.Done, cancellationToken);
        var fault = DeviceFault.Of(await link.CallAsync(call, CancellationToken.None));
        if (fault is { Trouble: not DeviceTrouble.Unreachable })
            return fault;
        if (fault is not null)
        {
            await transaction.RollbackAsync("before", CancellationToken.None);
            await NoteAsync(connection, AuditLog.Unknown, CancellationToken.None);
        }

        await transaction.CommitAsync(CancellationToken.None);
        return fault;
    }

    private Task NoteAsync(NpgsqlConnection connection, string result, CancellationToken cancellationToken) =>
        AuditLog.AddAsync(connection, time.GetUtcNow(), actor, action, cameraId, detail, cancellationToken, result);
}
