using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.FrontDoor;

/// <summary>The planes' own HTTP behind control's port: authorised here (token or ticket), answered there.</summary>
internal static class FrontDoorRoutes
{
    private static readonly string[] s_whepMethods = ["POST", "PATCH", "DELETE"];

    public static void Map(IEndpointRouteBuilder app)
    {
        Media(app.MapMethods("/webrtc/cam_{id}/{**rest}", s_whepMethods, (HttpContext c, Planes planes) => planes.Media.ForwardAsync(c)));
        Media(app.MapGet("/mse/cam_{id}", (HttpContext c, Planes planes) => planes.Media.ForwardAsync(c)));
        Media(app.MapGet("/hls/cam_{id}/{**rest}", (HttpContext c, Planes planes) => planes.Media.ForwardAsync(c)));
        Recorder(app.MapGet("/api/cameras/{id}/timeline", (HttpContext c, Planes planes) => planes.Recorder.ForwardAsync(c)));
        Recorder(app.MapGet("/api/cameras/{id}/playback/{**rest}", (HttpContext c, Planes planes) => planes.Recorder.ForwardAsync(c)));
        Recorder(app.MapGet("/api/cameras/{id}/clip.mp4", (HttpContext c, Planes planes) => planes.Recorder.ForwardAsync(c)));
    }

    private static void Media(RouteHandlerBuilder endpoint) => endpoint
        .WithMetadata(new AcceptsTicket(TicketKind.Live)).RequireAuthorization(Permissions.LiveView)
        .AddEndpointFilter(KnownCameraAsync).ExcludeFromDescription();

    private static void Recorder(RouteHandlerBuilder endpoint) => endpoint
        .WithMetadata(new AcceptsTicket(TicketKind.Playback)).RequireAuthorization(Permissions.RecordingsRead)
        .AddEndpointFilter(KnownCameraAsync).ExcludeFromDescription();

    /// <summary>404 for an id that never was. Deleted cameras pass: their recordings remain. Without the database the plane decides.</summary>
    private static async ValueTask<object?> KnownCameraAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var id = (string)context.GetRouteValue("id")!;
        var desired = context.RequestServices.GetRequiredService<DesiredState>();
        if (desired.Cameras?.ContainsKey(id) == true)
            return await next(invocation);
        try
        {
            await using var command = context.RequestServices.GetRequiredService<NpgsqlDataSource>().Command(
                "select id from control.camera where id = $1", id);
            if (await command.ExecuteScalarAsync(context.RequestAborted) is null)
                return CameraProblems.NotFound();
        }
        catch (Exception e) when (DatabaseOutage.Is(e))
        {
            return await next(invocation);
        }

        return await next(invocation);
    }
}

/// <summary>One forwarder per plane that has viewers.</summary>
internal sealed class Planes(PlaneOptions options, TimeProvider time, ILogger<PlaneForwarder> logger) : IDisposable
{
    public PlaneForwarder Media { get; } = new("media", options, time, logger);

    public PlaneForwarder Recorder { get; } = new("recorder", options, time, logger);

    public void Dispose()
    {
        Media.Dispose();
        Recorder.Dispose();
    }
}
