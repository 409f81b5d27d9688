using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Integrations.Sensors;

namespace Vms.Control.Features.Sensors;

/// <summary>GET /api/sensors: by name. There are few: one page.</summary>
internal static class ListSensors
{
    public static void Map(RouteGroupBuilder sensors) =>
        sensors.MapGet("/", Handle).WithName(nameof(ListSensors)).WithSummary("List sensors by name; never their passwords.").Needs(Permissions.IntegrationsWrite, Scope.Tenant);

    private static async Task<Ok<Page<SensorView>>> Handle(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"select {SensorRow.Columns} from control.sensor where tenant_id = $1 order by lower(name), id", Caller.Of(context).TenantId);
        return TypedResults.Ok(new Page<SensorView>([.. (await command.RowsAsync(SensorRow.Read, cancellationToken)).Select(SensorView.Of)], null));
    }
}
