using System.Globalization;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Hosting;

namespace Vms.Control.FrontDoor.Limits;

/// <summary>What a request is counted as.</summary>
internal enum RateClass
{
    /// <summary>A change through the API, a login: everything below <c>/api</c> that does not only read, unless the endpoint says otherwise.</summary>
    Write,

    /// <summary>A stream is begun. What it then consists of (parts, segments, pictures) is not counted.</summary>
    StreamStart,

    /// <summary>What programs say of what they see, and do because of it: as often as something happens.</summary>
    Event,

    /// <summary>The next tokens of a sign-in. Counted by what it shows, which stands in the body: by the endpoint itself.</summary>
    Refresh,
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
/// Counts changes, stream starts and events by account and by address (docs/design/front-door.md) and refuses what is beyond with 429. Reads are
/// free, and so is what comes over the local socket.
/// </summary>
/// <remarks>Runs after authentication, so that an account is known, and before authorization, so that guessing counts.</remarks>
internal sealed class RateLimits(PlaneOptions options, TimeProvider time, RequestMetrics metrics)
{
    /// <summary>An address stands for so many accounts: the people of an office behind one router. Whoever shows no credential has one share.</summary>
    private const int SharesOfAnAddress = 10;

    private readonly RateLimiter _writes = new(options.Door.WritesPerMinute);
    private readonly RateLimiter _streams = new(options.Door.StreamsPerMinute);
    private readonly RateLimiter _events = new(options.Door.EventsPerMinute);

    /// <summary>Apart from the others: nobody's changes and nobody's guesses keep anybody else from staying signed in.</summary>
    private readonly RateLimiter _refreshes = new(options.Door.WritesPerMinute);

    private readonly long _started = time.GetTimestamp();

    public Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (context.IsLocalSocket() || ClassOf(context) is not ({ } kind and not RateClass.Refresh))
            return next(context);
        // Whoever asks for what needs a credential and has none is refused anyway, and does not use up what a login has.
        bool isOpen = context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null;
        var wait = Take(kind, AccountOf(context.User), context.Connection.RemoteIpAddress, isOpen);
        return wait == TimeSpan.Zero ? next(context) : Refuse(context, kind, wait).ExecuteAsync(context);
    }

    /// <summary>Counts a <see cref="RateClass.Refresh"/> by the token that it shows, whose length is the caller's affair.</summary>
    /// <returns>Null: go on. Else the refusal.</returns>
    public ProblemHttpResult? TakeRefresh(HttpContext context, string refreshToken)
    {
        if (context.IsLocalSocket())
            return null;
        string shown = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(refreshToken)));
        var wait = Take(RateClass.Refresh, shown, context.Connection.RemoteIpAddress);
        return wait == TimeSpan.Zero ? null : Refuse(context, RateClass.Refresh, wait);
    }

    /// <summary>For those who ask otherwise than by HTTP.</summary>
    /// <param name="account">Who is known to ask; null: nobody, yet.</param>
    /// <param name="isOpen">Nobody need be known.</param>
    /// <returns>Zero, or how long to wait.</returns>
    public TimeSpan Take(RateClass kind, string? account, IPAddress? address, bool isOpen = true)
    {
        var limiter = kind switch
        {
            RateClass.Write => _writes,
            RateClass.StreamStart => _streams,
            RateClass.Event => _events,
            _ => _refreshes,
        };
        var now = time.GetElapsedTime(_started);
        string host = RateLimiter.KeyOf(address);
        if (account is null)
            return limiter.Take((isOpen ? "?" : "!") + host, now);
        var wait = limiter.Take("=" + account, now);       // first: whoever is beyond his own share takes none of his neighbours'
        return wait > TimeSpan.Zero ? wait : limiter.Take("@" + host, now, SharesOfAnAddress);
    }

    /// <summary>Names are unique, but not for ever: the next one of the name begins anew.</summary>
    private static string? AccountOf(ClaimsPrincipal user) => Caller.Of(user) is { } caller
        ? (caller.Principal?.Id ?? caller.Ticket?.AccountId)?.ToString() ?? caller.Name
        : null;

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
            kind switch
            {
                RateClass.Write => "Too many changes in a minute",
                RateClass.StreamStart => "Too many streams begun in a minute",
                RateClass.Event => "Too many events in a minute",
                _ => "Too many refreshes in a minute",
            },
            $"Try again in {seconds} s. The limits are VMS_RATE_WRITES, VMS_RATE_STREAMS and VMS_RATE_EVENTS.");
    }
}
