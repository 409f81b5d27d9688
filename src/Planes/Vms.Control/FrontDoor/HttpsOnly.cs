using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Vms.Hosting;

namespace Vms.Control.FrontDoor;

/// <summary>
/// Once there is TLS, plain HTTP serves this machine, the health probes and whoever collects metrics, which have a token of their own; everybody
/// else is sent to the port in TLS (307: method and body stay what they are, and nobody remembers it once TLS is off again).
/// </summary>
internal static class HttpsOnly
{
    private const int WellKnownPort = 443;

    public static void Use(WebApplication app, DoorOptions door)
    {
        if (!door.HasTls)
            return;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        app.Use((context, next) =>
        {
            if (context.Request.IsHttps || IsThisMachine(context) || context.CameByProxy()
                || context.Request.Path.Value is "/health" or "/health/ready" or "/metrics")
            {
                return next(context);
            }

            var request = context.Request;
            int port = door.HttpsPort is > 0 and { } fixedPort ? fixedPort : PortOf(addresses);
            var host = port == WellKnownPort ? new HostString(request.Host.Host) : new HostString(request.Host.Host, port);
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.Location = $"https://{host.ToUriComponent()}{request.PathBase.ToUriComponent()}{request.Path.ToUriComponent()}{request.QueryString.ToUriComponent()}";
            return Task.CompletedTask;
        });
    }

    private static bool IsThisMachine(HttpContext context) =>
        context.IsLocalSocket() || (context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address));

    /// <summary>The port that chance has given, known once the server listens.</summary>
    private static int PortOf(IServerAddressesFeature addresses) =>
        new Uri(addresses.Addresses.First(a => a.StartsWith("https://", StringComparison.Ordinal))).Port;
}
