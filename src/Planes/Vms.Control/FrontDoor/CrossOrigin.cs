using Microsoft.Net.Http.Headers;
using Vms.Hosting;

namespace Vms.Control.FrontDoor;

/// <summary>
/// CORS for the origins that the operator named (<c>VMS_ALLOWED_ORIGINS</c>), with bearer tokens and never with cookies: the product has
/// none. Forms, which a browser sends anywhere without asking, change nothing here.
/// </summary>
internal static class CrossOrigin
{
    private const string Methods = "GET, HEAD, POST, PUT, PATCH, DELETE";
    private const string RequestHeaders = "Authorization, Content-Type, If-Match, If-None-Match, Range, Idempotency-Key, X-Api-Key";
    private const string ResponseHeaders = "ETag, Location, Retry-After, Content-Range, Content-Length, Accept-Ranges, X-Vms-Placeholder, X-Vms-Captured-At";
    private const string PreflightSeconds = "600";

    private static readonly string[] s_formTypes = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

    public static void Use(IApplicationBuilder app, DoorOptions door) => app.Use((context, next) =>
    {
        var request = context.Request;
        string? origin = request.Headers.Origin;
        bool isAllowed = !string.IsNullOrEmpty(origin) && door.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);
        if (door.AllowedOrigins.Count > 0)
            context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        if (HttpMethods.IsOptions(request.Method) && request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod) && origin is not null)
            return isAllowed ? Preflight(context, origin) : Refuse(context);
        if (isAllowed)
            context.Response.OnStarting(static state => Allow((HttpContext)state), context);
        return next(context);
    });

    /// <summary>After authorization: whoever may not is told that first.</summary>
    public static void RefuseForms(IApplicationBuilder app) => app.Use((context, next) => IsForm(context.Request)
        ? Problems.Of(StatusCodes.Status415UnsupportedMediaType, "unsupportedMediaType", "Forms are not accepted", "Send application/json.").ExecuteAsync(context)
        : next(context));

    /// <summary>The planes' own answers allow every origin: their tickets are in the address. That stays as it is.</summary>
    private static Task Allow(HttpContext context)
    {
        var headers = context.Response.Headers;
        if (headers.AccessControlAllowOrigin.Count == 0)
            headers.AccessControlAllowOrigin = context.Request.Headers.Origin;
        if (headers.AccessControlExposeHeaders.Count == 0)
            headers.AccessControlExposeHeaders = ResponseHeaders;
        return Task.CompletedTask;
    }

    private static Task Preflight(HttpContext context, string origin)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlAllowMethods = Methods;
        headers.AccessControlAllowHeaders = RequestHeaders;
        headers.AccessControlMaxAge = PreflightSeconds;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static Task Refuse(HttpContext context) =>
        Problems.Of(StatusCodes.Status403Forbidden, "originNotAllowed", "Another site may not use this").ExecuteAsync(context);

    private static bool IsForm(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || request.ContentType is not { Length: > 0 } type)
            return false;
        string media = type.Split(';')[0].Trim();
        return s_formTypes.Contains(media, StringComparer.OrdinalIgnoreCase);
    }
}
