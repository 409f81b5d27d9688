using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Vms.Media.Egress.Mse;

/// <summary>The server's side of the opening handshake (RFC 6455 §4.2).</summary>
internal static class WebSocketUpgrade
{
    private const string Version = "13";
    private const int KeyBytes = 16;

    /// <summary>The request asks for what <see cref="AcceptAsync"/> gives.</summary>
    public static bool IsRequested(HttpContext context)
    {
        var headers = context.Request.Headers;
        return context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            && HttpMethods.IsGet(context.Request.Method)
            && headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase)
            && headers.SecWebSocketVersion == Version
            && IsKey(headers.SecWebSocketKey.ToString());
    }

    /// <summary>Switches protocols.</summary>
    /// <returns>The connection; what is written there is not framed.</returns>
    public static Task<Stream> AcceptAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.Connection = HeaderNames.Upgrade;
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = WebSocketFrame.AcceptOf(context.Request.Headers.SecWebSocketKey.ToString());
        return context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
    }

    private static bool IsKey(string key) =>
        Convert.TryFromBase64String(key, stackalloc byte[KeyBytes + 8], out int length) && length == KeyBytes;
}
