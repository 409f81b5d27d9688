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
    private const string ForwardedHost = "X-Forwarded-Host";

    /// <param name="exact">The pages come from this very port; else from another one of this host.</param>
    public static void Use(IApplicationBuilder app, DoorOptions door, bool exact) => app.Use((context, next) =>
    {
        bool isWebSocket = context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            && string.Equals(context.Request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase);
        return !isWebSocket || IsAllowed(context, door, exact)
            ? next(context)
            : Problems.Of(StatusCodes.Status403Forbidden, "originNotAllowed", "Another site may not open this connection").ExecuteAsync(context);
    });

    private static bool IsAllowed(HttpContext context, DoorOptions door, bool exact)
    {
        if (context.Request.Headers.Origin.Count == 0)
            return true;
        string origin = context.Request.Headers.Origin.ToString();
        if (door.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase))
            return true;
        // "null", a file or a sandbox, is no address. A host without a port has that of the page's scheme: what a proxy speaks to us says nothing of it.
        return Uri.TryCreate(origin, UriKind.Absolute, out var page)
            && Uri.TryCreate($"{page.Scheme}://{HostOf(context, door)}", UriKind.Absolute, out var own)
            && string.Equals(own.Host, page.Host, StringComparison.OrdinalIgnoreCase) && (!exact || own.Port == page.Port);
    }

    /// <summary>What the browser asked for: a proxy may have put another name in its place. Pages cannot set the header on a WebSocket.</summary>
    private static string HostOf(HttpContext context, DoorOptions door)
    {
        bool mayBePassedOn = context.IsLocalSocket() || door.Trusts(context.Connection.RemoteIpAddress);
        return mayBePassedOn && context.Request.Headers[ForwardedHost] is [{ Length: > 0 } passedOn, ..]
            ? passedOn.Split(',')[0].Trim()     // each proxy adds its own at the end
            : context.Request.Host.Value ?? "";
    }
}
