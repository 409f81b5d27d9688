using System.Net;
using Vms.Hosting;

namespace Vms.Control.FrontDoor;

/// <summary>
/// Whose request a proxy of the operator's passes on (<c>VMS_TRUSTED_PROXIES</c>), and whether it came in TLS: <c>X-Forwarded-For</c> and
/// <c>X-Forwarded-Proto</c> count from those addresses alone. Everybody else could write anything into them.
/// </summary>
internal static partial class TrustedProxies
{
    private const string For = "X-Forwarded-For";
    private const string Proto = "X-Forwarded-Proto";

    /// <summary>More proxies in a row are none that anybody runs.</summary>
    private const int MaxHops = 8;

    private static readonly object s_mark = new();

    public static void Use(IApplicationBuilder app, DoorOptions door, ILogger logger)
    {
        int warned = 0;
        app.Use((context, next) =>
        {
            if (door.Trusts(context.Connection.RemoteIpAddress))
                Read(context);
            else if (context.Request.Headers.ContainsKey(For))
                Warn(context.Connection.RemoteIpAddress);
            return next(context);
        });

        // Once: a proxy that nobody named is noticed, and whoever makes the header up fills no log.
        void Warn(IPAddress? address)
        {
            if (address is not null && !IPAddress.IsLoopback(address) && Interlocked.Exchange(ref warned, 1) == 0)
                Log.Untrusted(logger, address);
        }

        void Read(HttpContext context)
        {
            var headers = context.Request.Headers;
            context.Items[s_mark] = s_mark;
            if (headers[Proto] is [{ } scheme] && (scheme == Uri.UriSchemeHttps || scheme == Uri.UriSchemeHttp))
                context.Request.Scheme = scheme;

            // Each proxy adds whom it got the request from, at the end: what is left of the first that is not ours, that one may have made up.
            var hops = headers[For].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Reverse().Take(MaxHops);
            foreach (string hop in hops)
            {
                if (!IPEndPoint.TryParse(hop, out var client))
                    return;
                context.Connection.RemoteIpAddress = client.Address;
                if (!door.Trusts(client.Address))
                    return;
            }
        }
    }

    /// <summary>The request came through one of them: what the way before it was like is the operator's affair.</summary>
    public static bool CameByProxy(this HttpContext context) => context.Items.ContainsKey(s_mark);

    private static partial class Log
    {
        [LoggerMessage(1851, LogLevel.Warning,
            "{Address} passes on requests of others (X-Forwarded-For) and is not trusted: all of them count as its own. If it is your proxy, name it in VMS_TRUSTED_PROXIES")]
        public static partial void Untrusted(ILogger logger, IPAddress address);
    }
}
