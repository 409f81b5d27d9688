using Vms.Control.Integrations.Sensors;

namespace Vms.Control.Features.Sensors;

/// <summary>A sensor as the API shows it; never its password.</summary>
/// <param name="Subject">What it may publish on; the event's type stands for the <c>&gt;</c>.</param>
internal sealed record SensorView(string Id, string Name, string SiteId, string Subject, string CreatedBy, DateTimeOffset CreatedAt)
{
    public static SensorView Of(SensorRow row) => new(row.Id, row.Name, row.SiteId, $"vms.events.{row.SiteId}.{row.Id}.>", row.CreatedBy, row.CreatedAt);
}

/// <param name="Port">Where it publishes, by NATS in TLS; its id is the user.</param>
/// <param name="Password">Keep it now: nothing shows it again.</param>
internal sealed record SensorWithPassword(SensorView Sensor, int Port, string Password);
