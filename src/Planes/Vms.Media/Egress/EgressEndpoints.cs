using Microsoft.AspNetCore.Connections;
using Vms.Hosting;
using Vms.Media.Egress.Dash;
using Vms.Media.Egress.Hls;
using Vms.Media.Egress.Mse;
using Vms.Media.Egress.WebRtc;
using Vms.Media.Streams;

namespace Vms.Media.Egress;

/// <summary>Everything of live egress that other files of the plane need to call.</summary>
internal static class EgressEndpoints
{
    /// <summary>Needs <see cref="StreamRegistry"/> among the services.</summary>
    public static IServiceCollection AddLiveEgress(this IServiceCollection services)
    {
        services.AddViewing("media");
        services.AddSingleton<LiveEgress>();
        services.AddHostedService(s => s.GetRequiredService<LiveEgress>());
        services.AddSingleton<IConnectionListenerFactory, HlsListenerFactory>();
        return services;
    }

    /// <summary>Maps WHEP, the MSE WebSocket, HLS, DASH, MJPEG and the signalling calls from control.</summary>
    public static void MapLiveEgress(this WebApplication app)
    {
        var egress = app.Services.GetRequiredService<LiveEgress>();
        app.MapViewing();
        MseEndpoint.Map(app);
        HlsEndpoints.Map(app, egress.Windows, egress.SegmentViewers);
        DashEndpoints.Map(app, egress.Windows, egress.SegmentViewers);
        egress.Mjpeg.Map(app);
        LiveSessions.Map(app, egress);
        if (egress.Viewers is { } viewers)
        {
            WhepEndpoints.Map(app, viewers);
            ViewerSignalling.Map(app, app.Services.GetRequiredService<StreamRegistry>(), viewers);
        }
        else
        {
            app.MapPost("/webrtc/cam_{id}/whep", () => Problems.Of(
                StatusCodes.Status503ServiceUnavailable, "webRtcUnavailable", "WebRTC is off on this server", "OpenSSL 3 is missing; use MSE."));
        }
    }
}
