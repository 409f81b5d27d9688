using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Limits;
using Vms.Control.FrontDoor.Limits;
using Vms.Hosting;

namespace Vms.Control.Features.Live;

/// <summary>POST /api/cameras/{id}/live: a ticket and the addresses to watch at. They lead straight to the media plane, which checks
/// the ticket itself: live video does not depend on control.</summary>
internal static class StartLive
{
    /// <summary>Long enough for a player to come back by itself after an outage; a stream that is open outlives it.</summary>
    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(15);

    /// <param name="Stream">main (the default) or sub.</param>
    /// <param name="Converted">True: converted to H.264, for a browser that has found that it cannot play the stream.</param>
    public sealed record Request(string? Stream, bool? Converted);

    /// <param name="RtspUrl">Null where the RTSP server is off, or on a port that is not known here; so is RtspsUrl.</param>
    /// <param name="Stream">The stream that the addresses lead to.</param>
    /// <param name="IceServers">STUN and TURN servers for WebRTC, as <c>RTCConfiguration</c> has them.</param>
    public sealed record Response(
        string Ticket, DateTimeOffset ExpiresAt, string Stream, string WhepUrl, string MseUrl, string HlsUrl, string DashUrl, string? RtspUrl,
        string? RtspsUrl, IReadOnlyList<IceServer> IceServers);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/api/cameras/{id}/live", Handle).WithName(nameof(StartLive)).WithSummary("Get a ticket and the addresses to watch a camera at.").WithTags("Live").Needs(Permissions.LiveView, Scope.Camera)
            .CountsAs(RateClass.StreamStart).ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        string id, Request? request, HttpContext context, NpgsqlDataSource database, TicketSigner signer, PlaneOptions options, MediaConversion conversion,
        LiveStreamLimit limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var stream = request?.Stream ?? "main";
        if (stream is not ("main" or "sub"))
            return Problems.Fields(new FieldProblem("stream", "invalidValue", "Use main or sub"));
        if (await CameraRow.FindAsync(database, id, cancellationToken) is not { } camera)
            return CameraProblems.NotFound();
        if (stream == "sub" && camera.Settings.SubUrl is null)
            return Problems.NotFound("streamNotFound", "The camera has no sub stream");
        if (!camera.Settings.Enabled)
            return Problems.Of(StatusCodes.Status409Conflict, "cameraDisabled", "The camera is switched off", "Enable it to watch it.");

        if (await limit.EnterAsync(Caller.Of(context).Principal!, id, cancellationToken) is { } refusal)
            return refusal.ToProblem();

        if (request?.Converted == true)
        {
            var (converted, problem) = await conversion.PrepareAsync(context, id, stream, cancellationToken);
            if (problem is not null)
                return problem;
            stream = converted!;
        }

        var expiresAt = time.GetUtcNow() + s_lifetime;
        var caller = Caller.Of(context);
        var user = caller.Name;
        var ticket = signer.Sign(new Ticket(TicketKind.Live, user, [id], expiresAt, AccountId: caller.Principal!.Id, TenantId: caller.TenantId, SignInId: caller.SignInId));
        var media = MediaAuthority(context.Request, options);
        var secure = context.Request.IsHttps ? "s" : "";
        return TypedResults.Ok(new Response(
            ticket, expiresAt, stream,
            $"http{secure}://{media}/webrtc/cam_{id}/whep?stream={stream}&ticket={ticket}",
            $"ws{secure}://{media}/mse/cam_{id}?stream={stream}&ticket={ticket}",
            $"http{secure}://{media}/hls/cam_{id}/index.m3u8?stream={stream}&ticket={ticket}",
            $"http{secure}://{media}/dash/cam_{id}/index.mpd?stream={stream}&ticket={ticket}",
            RtspUrl("rtsp", options.RtspPort, context.Request, id, stream, ticket),
            RtspUrl("rtsps", options.RtspsPort, context.Request, id, stream, ticket),
            options.IceServers.For(user, time.GetUtcNow())));
    }

    /// <summary>Null when the server is off, or its port was left to chance and is unknown here.</summary>
    private static string? RtspUrl(string scheme, int? configured, HttpRequest request, string id, string stream, string ticket) =>
        configured is > 0 and { } port
            ? $"{scheme}://{new HostString(request.Host.Host, port).ToUriComponent()}/cam_{id}{(stream == "main" ? "" : "/" + stream)}?ticket={ticket}"
            : null;

    /// <summary>The host as the browser knows it, with the media plane's port. A port that was left to chance (0) is unknown here:
    /// then the front door forwards.</summary>
    private static string MediaAuthority(HttpRequest request, PlaneOptions options) =>
        options.MediaPort == 0 ? request.Host.ToUriComponent() : new HostString(request.Host.Host, options.MediaPort).ToUriComponent();
}
