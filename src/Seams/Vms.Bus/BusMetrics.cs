using System.Diagnostics.Metrics;

namespace Vms.Bus;

/// <summary>What the bus lost and how often it had to start again; exposed by every plane under /metrics.</summary>
internal static class BusMetrics
{
    private static readonly Meter s_meter = new("Vms.Bus");

    private static readonly Counter<long> s_dropped = s_meter.CreateCounter<long>(
        "vms_bus_dropped_messages_total", description: "Messages lost by the bus client, by cause.");

    private static readonly Counter<long> s_sessionsLost = s_meter.CreateCounter<long>(
        "vms_bus_sessions_lost_total", description: "Connections to the NATS server that ended, by cause.");

    private static readonly Counter<long> s_redelivered = s_meter.CreateCounter<long>(
        "vms_bus_publish_retries_total", description: "JetStream publishes that had to be sent again.");

    public static void Dropped(string cause, long count = 1) => s_dropped.Add(count, new KeyValuePair<string, object?>("cause", cause));

    public static void SessionLost(BusErrorKind cause) => s_sessionsLost.Add(1, new KeyValuePair<string, object?>("cause", cause.ToString()));

    public static void PublishRetried() => s_redelivered.Add(1);
}
