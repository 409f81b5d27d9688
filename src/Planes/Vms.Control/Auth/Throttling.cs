using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Hosting;

namespace Vms.Control.Auth;

/// <summary>How a throttled request is answered.</summary>
internal static class Throttling
{
    /// <summary>The peer's address as the throttle knows it; local sockets count as one.</summary>
    public static string RemoteAddress(this HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "local";

    public static ProblemHttpResult TooManyTries(this HttpContext context, TimeSpan wait)
    {
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Problems.Of(StatusCodes.Status429TooManyRequests, "tooManyTries", "Too many tries", $"Try again in {seconds} s.");
    }
}
