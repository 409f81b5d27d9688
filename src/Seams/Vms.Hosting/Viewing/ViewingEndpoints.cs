using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Vms.Hosting;

/// <summary>What control and a plane with viewers say to each other about them, on the plane's local socket alone: the same for media and recorder.</summary>
public static partial class ViewingEndpoints
{
    /// <summary>GET: the plane's <see cref="RevocationMark"/>. PUT: a <see cref="RevocationList"/>, answered with the mark; 409 when the whole list is wanted, 503 when it
    /// counts and could not be written down.</summary>
    public const string RevocationsPath = "/local/revocations";

    /// <summary>POST: a <see cref="ViewingsRequest"/>, answered with <see cref="ViewingReports"/>.</summary>
    public const string ViewingsPath = "/local/viewings";

    /// <summary>A full list, each with some cameras.</summary>
    private const long MaxListBytes = 64 << 20;

    /// <param name="plane">Its name, as <c>media</c>.</param>
    public static IServiceCollection AddViewing(this IServiceCollection services, string plane)
    {
        services.TryAddSingleton(s => NodeKey.LoadOrCreate(s.GetRequiredService<PlaneOptions>()));
        services.TryAddSingleton(s => ActivatorUtilities.CreateInstance<RevokedRights>(s, plane));
        services.TryAddSingleton(s => ActivatorUtilities.CreateInstance<ViewingLog>(s, plane));
        services.TryAddSingleton<Viewings>();
        return services;
    }

    public static void MapViewing(this IEndpointRouteBuilder app)
    {
        var local = app.MapGroup("").AddEndpointFilter((invocation, next) => invocation.HttpContext.IsLocalSocket()
            ? next(invocation)
            : new ValueTask<object?>(Problems.NotFound("notFound", "There is no such page")));
        local.MapGet(RevocationsPath, (RevokedRights revoked) => TypedResults.Ok(revoked.Mark));
        local.MapPut(RevocationsPath, ApplyAsync);
        local.MapPost(ViewingsPath, (ViewingsRequest request, ViewingLog log) => TypedResults.Ok(log.Take(request)));
    }

    private static async Task<IResult> ApplyAsync(HttpContext context, RevokedRights revoked, ILogger<RevokedRights> logger)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxListBytes;
        try
        {
            if (await JsonSerializer.DeserializeAsync<RevocationList>(context.Request.Body, JsonSerializerOptions.Web, context.RequestAborted) is not { Mark: not null, Items: not null } list)
                return TypedResults.BadRequest();
            return TypedResults.Ok(await Task.Run(() => revoked.Apply(list)));
        }
        catch (BadHttpRequestException e)
        {
            return TypedResults.StatusCode(e.StatusCode);       // cut off, or larger than any list: the disk has nothing to do with it
        }
        catch (JsonException)
        {
            return TypedResults.BadRequest();
        }
        catch (TooManyRevocationsException)
        {
            return TypedResults.Conflict();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(logger, e.Message);
            return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6065, LogLevel.Warning, "Rights that were taken away count, and could not be written to the disk ({Reason}): if this plane restarts now, it has to ask control for them; tried again until it can")]
        public static partial void NotWritten(ILogger logger, string reason);
    }
}
