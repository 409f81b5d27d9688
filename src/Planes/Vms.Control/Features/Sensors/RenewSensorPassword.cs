using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Integrations.Sensors;

namespace Vms.Control.Features.Sensors;

/// <summary>POST /api/sensors/{sensorId}/password: whoever is connected with the former one is disconnected.</summary>
internal static class RenewSensorPassword
{
    public static void Map(RouteGroupBuilder sensors) =>
        sensors.MapPost("/{sensorId}/password", Handle).WithName(nameof(RenewSensorPassword)).WithSummary("Give a sensor a new password; it is shown this once.").Needs(Permissions.IntegrationsWrite, Scope.Tenant)
            .ProducesProblem(404).ProducesProblem(409);

    private static async Task<Results<Ok<SensorWithPassword>, ProblemHttpResult>> Handle(
        string sensorId, HttpContext context, NpgsqlDataSource database, SensorOptions options, SensorDirectory directory, TimeProvider time, CancellationToken cancellationToken)
    {
        var (actor, (password, hash)) = (Actor.Of(context), SensorPassword.New());
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = connection.Command(
            $"update control.sensor set password_hash = $3 where id = $1 and tenant_id = $2 returning {SensorRow.Columns}", sensorId, actor.TenantId, hash);
        if (await command.FirstAsync(SensorRow.Read, cancellationToken) is not { } row)
            return SensorsRoutes.NotFound();
        if (options.Port is not { } port)
            return SensorsRoutes.PortClosed();
        await AuditLog.AddAsync(connection, time.GetUtcNow(), actor, "sensor.passwordRenewed", row.Id, new { row.Name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        directory.Changed();
        return TypedResults.Ok(new SensorWithPassword(SensorView.Of(row), port, password));
    }
}
