using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Integrations.Sensors;

namespace Vms.Control.Features.Sensors;

/// <summary>DELETE /api/sensors/{sensorId}: it is disconnected, and may say nothing more.</summary>
internal static class DeleteSensor
{
    public static void Map(RouteGroupBuilder sensors) =>
        sensors.MapDelete("/{sensorId}", Handle).WithName(nameof(DeleteSensor)).WithSummary("Delete a sensor: it may report nothing more.").Needs(Permissions.IntegrationsWrite, Scope.Tenant).ProducesProblem(404);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string sensorId, HttpContext context, NpgsqlDataSource database, SensorDirectory directory, TimeProvider time, CancellationToken cancellationToken)
    {
        var actor = Actor.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var command = connection.Command("delete from control.sensor where id = $1 and tenant_id = $2 returning name", sensorId, actor.TenantId))
        {
            if (await command.ExecuteScalarAsync(cancellationToken) is not string name)
                return SensorsRoutes.NotFound();
            await AuditLog.AddAsync(connection, time.GetUtcNow(), actor, "sensor.deleted", sensorId, new { name }, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        directory.Changed();
        return TypedResults.NoContent();
    }
}
