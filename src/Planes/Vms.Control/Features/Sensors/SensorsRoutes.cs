using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Integrations.Sensors;
using Vms.Hosting;

namespace Vms.Control.Features.Sensors;

/// <summary>Everything under /api/sensors: programs that report events over the bus.</summary>
internal static class SensorsRoutes
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(s => SensorOptions.From(s.GetRequiredService<IConfiguration>(), s.GetRequiredService<PlaneOptions>()));
        services.AddSingleton<SensorMetrics>();
        services.AddSingleton<SensorDirectory>().AddBackgroundWork<SensorDirectory>();
        services.AddSingleton<SensorFeed>().AddBackgroundWork<SensorFeed>();
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        var sensors = app.MapGroup("/api/sensors").WithTags("Sensors").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
        ListSensors.Map(sensors);
        AddSensor.Map(sensors);
        RenewSensorPassword.Map(sensors);
        DeleteSensor.Map(sensors);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("sensorNotFound", "There is no such sensor");

    public static ProblemHttpResult PortClosed() => Problems.Of(
        StatusCodes.Status409Conflict, "sensorPortClosed", "The port for sensors is not open", "Set VMS_NATS_PORT and start again; or have the sensor report with POST /api/events.");
}
