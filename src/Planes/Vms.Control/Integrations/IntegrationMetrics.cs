using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Vms.Control.Integrations;

/// <summary>How the connections to services of the operator's are, and what went through them.</summary>
internal sealed class IntegrationMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Control.Integrations");
    private readonly ConcurrentDictionary<string, Func<bool>> _links = new(StringComparer.Ordinal);
    private readonly Counter<long> _sent;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _commands;

    public IntegrationMetrics()
    {
        _meter.CreateObservableGauge(
            "vms_integration_connected", () => _links.Select(l => new Measurement<int>(l.Value() ? 1 : 0, new KeyValuePair<string, object?>("kind", l.Key))),
            description: "1 while there is a connection to the service.");
        _sent = _meter.CreateCounter<long>("vms_integration_sent_total", description: "Messages that the service took.");
        _refused = _meter.CreateCounter<long>("vms_integration_refused_total", description: "Messages that the service did not take, and that were left out.");
        _failed = _meter.CreateCounter<long>("vms_integration_failures_total", description: "Connections that could not be made or were lost.");
        _commands = _meter.CreateCounter<long>("vms_mqtt_commands_total", description: "Commands by MQTT: done, refused or dropped (too many at once, or not readable).");
    }

    public void Watch(string kind, Func<bool> isConnected) => _links[kind] = isConnected;

    public void Sent(string kind, int count) => _sent.Add(count, new KeyValuePair<string, object?>("kind", kind));

    public void Refused(string kind) => _refused.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public void Failed(string kind) => _failed.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public void Command(string result) => _commands.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Dispose() => _meter.Dispose();
}
