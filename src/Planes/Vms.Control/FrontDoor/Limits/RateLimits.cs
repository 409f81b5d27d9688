using System.Globalization;
using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Hosting;

namespace Vms.Control.FrontDoor.Limits;

/// <summary>What a request is counted as.</summary>
internal enum RateClass
{
    /// <summary>A change through the API, a login: everything below <c>/api</c> that does not only read, unless the endpoint says otherwise.</summary>
    Write,

    /// <summary>A stream is begun. What it then consists of (parts, segments, pictures) is not counted.</summary>
    StreamStart,
}

/// <summary>Endpoint metadata: what its requests are counted as, whatever their method; or those of one method.</summary>
internal sealed record CountsAs(RateClass Class, string? Method = null);

internal static class RateClasses
{
    /// <param name="method">The one that counts; null: all.</param>
    public static RouteHandlerBuilder CountsAs(this RouteHandlerBuilder endpoint, RateClass kind, string? method = null) =>
        endpoint.WithMetadata(new CountsAs(kind, method));
}

/// <summary>
/// Counts changes and stream starts by account and by address (docs/design/front-door.md) and refuses what is beyond with 429. Reads are
/// free, and so is what comes over the local socket.
/// </summary>
/// <remarks>Runs after authentication, so that an account is known, and before authorization, so that guessing counts.</remarks>
internal sealed class RateLimits(PlaneOptions options, TimeProvider time, RequestMetrics metrics)
{
    /// <summary>An address stands for so many accounts: the people of an office behind one router. Whoever shows no credential has one share.</summary>
    private const int SharesOfAnAddress = 10;

    private readonly RateLimiter _writes = new(options.Door.WritesPerMinute);
    private readonly RateLimiter _streams = new(options.Door.StreamsPerMinute);
    private readonly long _started = time.GetTimestamp();

    public Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (context.IsLocalSocket() || ClassOf(context) is not { } kind)
            return next(context);
        var account = context.User.FindFirstValue("sub") ?? context.User.FindFirstValue(ClaimTypes.Name);
        var wait = Take(kind, account, context.Connection.RemoteIpAddress);
        return wait == TimeSpan.Zero ? next(context) : Refuse(context, kind, wait).ExecuteAsync(context);
    }

    /// <summary>For those who ask otherwise than by HTTP.</summary>
    /// <param name="account">Who is known to ask; null: nobody, yet.</param>
    /// <returns>Zero, or how long to wait.</returns>
    public TimeSpan Take(RateClass kind, string? account, IPAddress? address)
    {
        var limiter = kind == RateClass.Write ? _writes : _streams;
        var now = time.GetElapsedTime(_started);
        string host = RateLimiter.KeyOf(address);
        if (account is null)
            return limiter.Take("?" + host, now);
        var wait = limiter.Take("=" + account, now);       // first: whoever is beyond his own share takes none of his neighbours'
        return wait > TimeSpan.Zero ? wait : limiter.Take("@" + host, now, SharesOfAnAddress);
    }

    private static RateClass? ClassOf(HttpContext context)
    {
        string method = context.Request.Method;
        if (context.GetEndpoint()?.Metadata.GetMetadata<CountsAs>() is { } counts && (counts.Method is null || counts.Method == method))
            return counts.Class;
        bool reads = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
        return !reads && context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) ? RateClass.Write : null;
    }

    private ProblemHttpResult Refuse(HttpContext context, RateClass kind, TimeSpan wait)
    {
        metrics.CountLimited(context, kind);
        int seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Problems.Of(
            StatusCodes.Status429TooManyRequests, "rateLimited",
            kind == RateClass.Write ? "Too many changes in a minute" : "Too many streams begun in a minute",
            $"Try again in {seconds} s. The limits are VMS_RATE_WRITES and VMS_RATE_STREAMS.");
    }
}
