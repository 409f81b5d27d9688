using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Integrations.Sensors;
using Vms.Hosting;

namespace Vms.Control.Features.Sensors;

/// <summary>POST /api/sensors: the answer shows the password, which nothing shows again. It counts some seconds later.</summary>
internal static class AddSensor
{
    /// <param name="SiteId">Where it is.</param>
    public sealed record Request(string? Name, string? SiteId);

    public static void Map(RouteGroupBuilder sensors) =>
        sensors.MapPost("/", Handle).WithName(nameof(AddSensor)).WithSummary("Add a sensor that reports events over the bus; its password is shown this once.").Needs(Permissions.IntegrationsWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<Created<SensorWithPassword>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, RightsState rights, SensorOptions options, SensorDirectory directory, TimeProvider time, CancellationToken cancellationToken)
    {
        var (caller, problems) = (Caller.Of(context), new List<FieldProblem>());
        var name = NameRules.Check(request.Name, "name", problems);
        if (request.SiteId is not { Length: > 0 } site || rights.Current?.TenantOfSite(site) != caller.TenantId)
            problems.Add(new FieldProblem("siteId", string.IsNullOrEmpty(request.SiteId) ? "required" : "siteNotFound", "Name the site where it is"));
        if (problems.Count > 0)
            return Problems.Fields(problems);
        if (options.Port is not { } port)
            return SensorsRoutes.PortClosed();

        var (now, actor, (password, hash)) = (time.GetUtcNow(), Actor.Of(context), SensorPassword.New());
        var row = new SensorRow(CameraId.New(), caller.TenantId, request.SiteId!, name, hash, caller.Name, now);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            var added = await connection.ExecuteAsync($"""
                insert into control.sensor ({SensorRow.Columns}) select $1, $2, $3, $4, $5, $6, $7 where (select count(*) from control.sensor where tenant_id = $2) < {SensorRow.MaxSensors}
                """, [row.Id, row.TenantId, row.SiteId, row.Name, row.PasswordHash, row.CreatedBy, now], cancellationToken);
            if (added == 0)
                return Problems.Of(StatusCodes.Status409Conflict, "tooManySensors", "Too many sensors", $"There are {SensorRow.MaxSensors} already.");
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "sensor_name" })
        {
            return Problems.Of(
                StatusCodes.Status409Conflict, "sensorNameTaken", "There is a sensor of this name already", fields: [new FieldProblem("name", "taken", "Choose another name")]);
        }

        await AuditLog.AddAsync(connection, now, actor, "sensor.added", row.Id, new { name, row.SiteId }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        directory.Changed();
        return TypedResults.Created($"/api/sensors/{row.Id}", new SensorWithPassword(SensorView.Of(row), port, password));
    }
}
