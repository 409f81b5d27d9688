using Vms.Bus;
using Vms.Hosting;

namespace Vms.Control.Events;

/// <summary>Runs control's connection to NATS for as long as the process lives, and says in the readiness whether it stands.</summary>
internal sealed class BusLoop : BackgroundService
{
    private readonly BusConnection _bus;
    private readonly PlaneReadiness _readiness;

    public BusLoop(BusConnection bus, PlaneReadiness readiness)
    {
        _bus = bus;
        _readiness = readiness;
        _readiness.Set("nats", false, "not connected yet");
        _bus.StateChanged += OnStateChanged;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _bus.RunAsync(stoppingToken);

    private void OnStateChanged(BusState state) =>
        _readiness.Set("nats", state == BusState.Connected, _bus.LastError?.Message ?? "not connected");
}
