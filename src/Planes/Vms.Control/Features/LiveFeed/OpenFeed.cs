using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Hosting;

namespace Vms.Control.Features.LiveFeed;

/// <summary>GET /api/ws?ticket=: one WebSocket a browser for state, events and signalling.</summary>
internal static class OpenFeed
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/ws", Handle).WithName(nameof(OpenFeed)).WithSummary("Open the WebSocket for camera state, events and WebRTC signalling.").WithTags("Live feed").Needs(Permissions.CamerasRead, Scope.Cameras)
            .WithMetadata(new AcceptsTicket(TicketKind.Ws)).Produces(101).ProducesProblem(400).ProducesProblem(401).ProducesProblem(403);

    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> Handle(
        HttpContext context, FeedHub hub, CameraStateFeed states, TracksFeed tracks, Signalling signalling, IHostApplicationLifetime lifetime,
        ILogger<FeedSession> logger)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            return Problems.Of(StatusCodes.Status400BadRequest, "webSocketExpected", "This address speaks WebSocket");

        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { DangerousEnableCompression = false });
        var caller = Caller.Of(context);
        var session = new FeedSession(socket, hub, states, tracks, signalling, caller.Principal!, caller.SignInId ?? caller.Ticket?.SignInId, context.Connection.RemoteIpAddress?.ToString(), logger);
        await session.RunAsync(lifetime.ApplicationStopping, context.RequestAborted);
        return TypedResults.Empty;
    }
}
