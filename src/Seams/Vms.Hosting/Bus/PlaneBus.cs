using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vms.Bus;

namespace Vms.Hosting;

/// <summary>A plane's connection to NATS: one for the process, kept up for as long as it runs. Nothing that a plane does waits for it.</summary>
public static class PlaneBus
{
    /// <summary>Adds the <see cref="BusConnection"/>; readiness "nats" says whether it stands.</summary>
    /// <param name="plane">control, media, recorder or ai; the server's connection list shows "vms-" and this name.</param>
    /// <param name="url"><c>nats://[user:password@]host:port</c>.</param>
    public static IServiceCollection AddPlaneBus(this IServiceCollection services, string plane, string url)
    {
        services.AddSingleton(s => new BusConnection(
            new BusOptions { Url = url, ClientName = "vms-" + plane },
            s.GetRequiredService<ILogger<BusConnection>>(),
            s.GetRequiredService<TimeProvider>()));
        return services.AddBackgroundWork<Loop>();
    }

    private sealed class Loop : BackgroundService
    {
        private readonly BusConnection _bus;
        private readonly PlaneReadiness _readiness;

        public Loop(BusConnection bus, PlaneReadiness readiness)
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
}
