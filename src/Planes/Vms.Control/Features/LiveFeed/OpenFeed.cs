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
        HttpContext context, FeedHub hub, CameraStateFeed states, Signalling signalling, IHostApplicationLifetime lifetime, IConfiguration configuration,
        ILogger<FeedSession> logger)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            return Problems.Of(StatusCodes.Status400BadRequest, "webSocketExpected", "This address speaks WebSocket");
        if (!IsOwnOrigin(context.Request, configuration["VMS_ALLOWED_ORIGINS"]))
            return Problems.Of(StatusCodes.Status403Forbidden, "originNotAllowed", "Another site may not open this connection");

        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { DangerousEnableCompression = false });
        var session = new FeedSession(socket, hub, states, signalling, Caller.Of(context).Principal!, logger);
        await session.RunAsync(lifetime.ApplicationStopping, context.RequestAborted);
        return TypedResults.Empty;
    }

    /// <summary>Programs send no Origin; a page must come from this host, or from one that the operator named
    /// (<c>VMS_ALLOWED_ORIGINS</c>, separated by spaces).</summary>
    private static bool IsOwnOrigin(HttpRequest request, string? allowed)
    {
        string? origin = request.Headers.Origin;
        if (string.IsNullOrEmpty(origin))
            return true;
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri))
            return false;
        return string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)
            || (allowed ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains(origin, StringComparer.OrdinalIgnoreCase);
    }
}
