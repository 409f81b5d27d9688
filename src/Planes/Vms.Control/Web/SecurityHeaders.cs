using System.Net;
using Vms.Hosting;

namespace Vms.Control.Web;

/// <summary>The headers that keep a browser from doing what this product never does.</summary>
internal static class SecurityHeaders
{
    private const string ApiPolicy = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>Thirty days: an installation that gives TLS up is out of reach for no longer. Not for subdomains: they may be other machines. Browsers
    /// heed it only where they trust the certificate.</summary>
    private const string Hsts = "max-age=2592000";

    /// <summary>Set as the answer starts, so that an error page that begins anew has them too.</summary>
    public static void Use(IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(static state => Set((HttpContext)state), context);
        return next(context);
    });

    private static Task Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        if (context.Request.IsHttps && !IsLoopbackName(context.Request.Host.Host))
            headers.StrictTransportSecurity = Hsts;
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), payment=(), usb=()";
        headers.ContentSecurityPolicy = headers.ContentSecurityPolicy is { Count: > 0 } own ? own : ApiPolicy;
        if (headers.CacheControl.Count == 0 && context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
            headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }

    /// <summary>What a browser remembers of this name would count for every other program on its user's machine.</summary>
    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>For the web client: own files only, and besides its own origin just the planes' ports of the same host.</summary>
    /// <remarks>A page in TLS gets nothing in the clear.</remarks>
    /// <param name="servers">Addresses of other installations whose cameras are shown: media come straight from them, from ports that they name.</param>
    public static string PagePolicy(HttpRequest request, PlaneOptions options, IEnumerable<Uri> servers)
    {
        string host = request.Host.Host;
        var media = Sources(host, options.MediaPort, request.IsHttps ? ["https", "wss"] : ["http", "https", "ws", "wss"]);
        var playback = Sources(host, options.PlaybackPort, request.IsHttps ? ["https"] : ["http", "https"]);
        var others = string.Concat(servers.Select(server => OfServer(server, request.IsHttps)).Distinct(StringComparer.Ordinal));
        return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
            + $"img-src 'self' blob: data:{playback}{others}; media-src 'self' blob:{playback}{others}; worker-src 'self' blob:; manifest-src 'self'; "
            + $"connect-src 'self'{media}{playback}{others}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    }

    private static string OfServer(Uri server, bool securePage)
    {
        if (!IsHostName(server.Host))
            return "";
        return securePage || server.Scheme == Uri.UriSchemeHttps
            ? $" https://{server.Host}:* wss://{server.Host}:*"
            : $" http://{server.Host}:* https://{server.Host}:* ws://{server.Host}:* wss://{server.Host}:*";
    }

    private static bool IsHostName(string host) => host.Length is > 0 and <= 253 && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-');

    /// <summary>The host comes from the request: only letters that a host name can have reach the header.</summary>
    private static string Sources(string host, int port, params ReadOnlySpan<string> schemes)
    {
        if (port == 0 || !IsHostName(host))
            return "";
        var sources = "";
        foreach (var scheme in schemes)
            sources += $" {scheme}://{host}:{port}";
        return sources;
    }
}
