using Vms.Bus;
using Vms.Hosting;

namespace Vms.Recorder.Events;

/// <summary>Runs the bus connection for as long as the plane lives.</summary>
internal sealed class BusLoop(BusConnection bus, PlaneReadiness readiness) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        readiness.Set("nats", false, "not connected yet");
        bus.StateChanged += state => readiness.Set("nats", state == BusState.Connected, bus.LastError?.Message);
        return bus.RunAsync(stoppingToken);
    }
}
