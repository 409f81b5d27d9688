using Vms.Bus;
using Vms.Hosting;

namespace Vms.Media.Pipelines;

/// <summary>Runs the connection to NATS; says in the readiness whether it stands. Pulling and viewing do not need it.</summary>
internal sealed class BusLoop : BackgroundService
{
    private readonly BusConnection _bus;
    private readonly PlaneReadiness _readiness;

    public BusLoop(BusConnection bus, PlaneReadiness readiness)
    {
        _bus = bus;
        _readiness = readiness;
        bus.StateChanged += OnStateChanged;
        OnStateChanged(bus.State);
    }

    public override void Dispose()
    {
        _bus.StateChanged -= OnStateChanged;
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _bus.RunAsync(stoppingToken);

    private void OnStateChanged(BusState state) =>
        _readiness.Set("nats", state == BusState.Connected, _bus.LastError?.Message ?? "not connected yet");
}
