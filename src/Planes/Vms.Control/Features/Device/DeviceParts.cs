using Vms.Control.Data;
using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Imaging;
using Vms.Control.Features.Ptz;
using Vms.Control.Features.Relays;
using Vms.Hosting;

namespace Vms.Control.Features.Device;

/// <summary>All that is asked of cameras' devices: facts, events, PTZ, imaging and relays.</summary>
internal static class DeviceParts
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(new PullPointOptions());
        services.AddSingleton<DeviceClients>();
        services.AddSingleton<DeviceStates>();
        services.AddSingleton<DeviceChecks>();
        services.AddSingleton<CameraDevices>();
        services.AddSingleton<DeviceEvents>();
        services.AddSingleton<DeviceWatch>().AddDatabaseWork<DeviceWatch>();
        services.AddSingleton<EventSubscriptions>().AddBackgroundWork<EventSubscriptions>();
        services.AddSingleton<FocusWatch>();
        services.AddSingleton<PtzControl>().AddHostedService(provider => provider.GetRequiredService<PtzControl>());
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        var device = app.MapGroup("/api/cameras/{id}/device").WithTags("Devices").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
        GetDevice.Map(device);
        CheckDevice.Map(device);
        ListDevices.Map(app);
        PtzRoutes.Map(app);
        ImagingRoutes.Map(app);
        RelaysRoutes.Map(app);
    }
}
