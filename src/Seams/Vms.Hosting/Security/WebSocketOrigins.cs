using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Vms.Hosting;

/// <summary>
/// A WebSocket is the one thing that a browser opens to anywhere for any page. Programs send no Origin; a page must come from this host or
/// from an origin that the operator named. For every WebSocket of a plane, whatever serves it.
/// </summary>
internal static class WebSocketOrigins
{
    /// <param name="exact">The pages come from this very port; else from another one of this host.</param>
    public static void Use(IApplicationBuilder app, DoorOptions door, bool exact) => app.Use((context, next) =>
    {
        bool isWebSocket = context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            && string.Equals(context.Request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase);
        return !isWebSocket || IsAllowed(context.Request, door.AllowedOrigins, exact)
            ? next(context)
            : Problems.Of(StatusCodes.Status403Forbidden, "originNotAllowed", "Another site may not open this connection").ExecuteAsync(context);
    });

    private static bool IsAllowed(HttpRequest request, IReadOnlyList<string> allowed, bool exact)
    {
        if (request.Headers.Origin.Count == 0)
            return true;
        string origin = request.Headers.Origin.ToString();
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri))
            return false;       // "null": a file, a sandbox
        var (own, its) = exact ? (request.Host.Value, uri.Authority) : (request.Host.Host, uri.Host);
        return string.Equals(own, its, StringComparison.OrdinalIgnoreCase) || allowed.Contains(origin, StringComparer.OrdinalIgnoreCase);
    }
}
