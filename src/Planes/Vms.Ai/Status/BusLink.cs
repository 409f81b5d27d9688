using Vms.Bus;
using Vms.Hosting;

namespace Vms.Ai.Status;

/// <summary>Keeps the bus connected while the plane runs and says so in its readiness.</summary>
internal sealed class BusLink(BusConnection bus, PlaneReadiness readiness) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        readiness.Set("nats", false, "not connected yet");
        bus.StateChanged += state => readiness.Set(
            "nats", state == BusState.Connected, bus.LastError?.Message ?? "not connected; status is published again when it is");
        return bus.RunAsync(stoppingToken);
    }
}
