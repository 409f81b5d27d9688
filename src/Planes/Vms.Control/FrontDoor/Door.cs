using Vms.Control.FrontDoor.Limits;
using Vms.Control.Web;
using Vms.Hosting;

namespace Vms.Control.FrontDoor;

/// <summary>What every request passes on its way in, in this order.</summary>
internal static class Door
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<RequestMetrics>();
        services.AddSingleton<RateLimits>();
        services.AddSingleton<CameraAddresses>();
    }

    /// <summary>Before anything is known of the caller.</summary>
    public static void Use(WebApplication app)
    {
        var door = app.Services.GetRequiredService<PlaneOptions>().Door;
        TrustedProxies.Use(app, door, app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(TrustedProxies)));
        SecurityHeaders.Use(app);
        app.Use(app.Services.GetRequiredService<RequestMetrics>().MeasureAsync);
        HttpsOnly.Use(app, door);
        CrossOrigin.Use(app, door);
    }
}
