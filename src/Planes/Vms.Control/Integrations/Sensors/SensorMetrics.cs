using System.Diagnostics.Metrics;

namespace Vms.Control.Integrations.Sensors;

/// <summary>What sensors say on the bus.</summary>
internal sealed class SensorMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Control.Sensors");
    private readonly Counter<long> _events;

    public SensorMetrics() =>
        _events = _meter.CreateCounter<long>("vms_sensor_events_total", description: "Messages of sensors: taken, refused (no event, or not theirs to say) or tooMany.");

    public void Said(string result) => _events.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Dispose() => _meter.Dispose();
}
