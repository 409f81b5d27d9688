using Npgsql;
using Vms.Control.Data;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Nvr;

namespace Vms.Control.Features.Nvrs;

/// <summary>Asks a stored recorder, for whoever wants something of it now.</summary>
internal static class NvrAsking
{
    /// <summary>A password that the recorder does not take any more is noted, unless somebody changed it meanwhile: the next who asks does not send it.</summary>
    /// <exception cref="DeviceException">It is not there, or does not let us in.</exception>
    public static async Task<NvrConnection> OpenAsync(NvrRow row, NvrConnector connector, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await connector.OpenAsync(row, cancellationToken);
        }
        catch (DeviceException e) when (e.Failure is DeviceFailure.BadCredentials or DeviceFailure.BasicInClear)
        {
            await database.ExecuteAsync(
                "update control.nvr set state = $3, state_detail = $4, checked_at = $5 where id = $1 and updated_at = $2",
                [row.Id, row.UpdatedAt, NvrRow.Unauthorized, e.Message, time.GetUtcNow()], CancellationToken.None);
            throw;
        }
    }
}
