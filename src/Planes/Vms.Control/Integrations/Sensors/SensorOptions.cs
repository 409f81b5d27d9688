using Vms.Hosting;

namespace Vms.Control.Integrations.Sensors;

/// <summary>Where sensors publish.</summary>
/// <param name="Port">VMS_NATS_PORT; null: it is off.</param>
/// <param name="Url">VMS_SENSOR_NATS, which the supervisor sets: how control gets at what they publish.</param>
internal sealed record SensorOptions(int? Port, string? Url)
{
    public static SensorOptions From(IConfiguration configuration, PlaneOptions options) => new(options.SensorPort, PlaneOptions.Setting(configuration, "VMS_SENSOR_NATS"));
}
