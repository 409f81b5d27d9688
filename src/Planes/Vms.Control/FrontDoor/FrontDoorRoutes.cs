using Vms.Control.Auth;
using Vms.Control.Features.Limits;
using Vms.Control.Features.Playback;
using Vms.Control.FrontDoor.Limits;
using Vms.Hosting;

namespace Vms.Control.FrontDoor;

/// <summary>The planes' own HTTP behind control's port: authorised here (token or ticket), answered there.</summary>
internal static class FrontDoorRoutes
{
    private static readonly string[] s_whepMethods = ["GET", "POST", "PATCH", "DELETE"];

    public static void Map(IEndpointRouteBuilder app)
    {
        // Parameters are named for the API document alone: the plane reads and checks them.
        Media(app.MapMethods("/webrtc/cam_{id}/{**rest}", s_whepMethods, (string id, string? rest, string? stream, HttpContext c, Planes planes) =>
            planes.Media.ForwardAsync(c)), "ForwardWhep", "WebRTC by WHEP: POST an SDP offer to …/whep.")
            .Produces<string>(201, "application/sdp").Produces(200).CountsAs(RateClass.StreamStart, HttpMethods.Post);
        Media(app.MapGet("/mse/cam_{id}", (string id, string? stream, HttpContext c, Planes planes) =>
            planes.Media.ForwardAsync(c)), "ForwardMse", "Fragmented MP4 over a WebSocket.").Produces(101).CountsAs(RateClass.StreamStart);
        Media(app.MapGet("/hls/cam_{id}/{**rest}", (string id, string? rest, string? stream, HttpContext c, Planes planes) =>
            planes.Media.ForwardAsync(c)), "ForwardHls", "Live HLS: index.m3u8 and what it names.").Produces<string>(200, "application/vnd.apple.mpegurl");
        Media(app.MapGet("/dash/cam_{id}/{**rest}", (string id, string? rest, string? stream, HttpContext c, Planes planes) =>
            planes.Media.ForwardAsync(c)), "ForwardDash", "Live DASH: index.mpd and what it names.").Produces<string>(200, "application/dash+xml");
        Media(app.MapGet("/mjpeg/cam_{id}", (string id, string? stream, HttpContext c, Planes planes) =>
            planes.Media.ForwardAsync(c)), "ForwardMjpeg", "An MJPEG camera's pictures as they came.").Produces<Stream>(200, "multipart/x-mixed-replace");
        // The ticket stands in the path, where the media plane reads it: it knows who watches already when the ticket expires.
        foreach (var transport in (string[])["hls", "dash"])
        {
            app.MapGet($"/{transport}/cam_{{id}}/{{stream}}/t/{{ticket}}/{{file}}", (string id, string stream, string ticket, string file, HttpContext c, Planes planes) =>
                planes.Media.ForwardAsync(c)).AddEndpointFilter(IssuedTicketAsync).AllowAnonymous().ExcludeFromDescription();
        }

        Describe(app.MapGet("/api/cameras/{id}/snapshot.jpg", (string id, DateTimeOffset? at, int? width, string? stream, HttpContext c, Planes planes) =>
            (IsOfThePast(c) ? planes.Recorder : planes.Media).ForwardAsync(c)), "ForwardSnapshot",
            "The newest picture, scaled down to width (a placeholder says why in X-Vms-Placeholder), or with 'at' the last keyframe of the archive at or before that time; X-Vms-Captured-At says when it was.")
            .WithTags("Live", "Playback").WithMetadata(new AcceptsTicket(TicketKind.Snapshot, TicketKind.Playback))
            // Now and then are two permissions. A ticket's kind is checked by the plane that it leads to.
            .Needs(c => IsOfThePast(c) ? Permissions.RecordingsRead : Permissions.LiveView, Permissions.LiveView, Scope.Camera)
            .Produces<Stream>(200, "image/jpeg");
        Recorder(app.MapGet("/api/cameras/{id}/timeline", GetTimeline.HandleAsync), nameof(GetTimeline), "What is recorded, what is missing and why, what happened.")
            .Produces<TimelineView>(200, "application/json");
        Recorder(app.MapGet("/api/cameras/{id}/playback/{**rest}", (string id, string? rest, DateTimeOffset? from, DateTimeOffset? to, bool? converted, HttpContext c, Planes planes) =>
            planes.Recorder.ForwardAsync(c)), "ForwardPlayback", "The archive by HLS (index.m3u8; converted=true for H.264 whatever was recorded) and DASH (manifest.mpd), and what they name; its samples for decoders in browsers over a WebSocket (samples).")
            .Produces<string>(200, "application/vnd.apple.mpegurl").Produces(101);
        Recorder(app.MapGet("/api/cameras/{id}/clip.mp4", (string id, DateTimeOffset? from, DateTimeOffset? to, HttpContext c, Planes planes) =>
            planes.Recorder.ForwardAsync(c)), "ForwardClip", "One MP4 of a time span, with ranges.")
            .Produces<Stream>(200, "video/mp4").Produces<Stream>(206, "video/mp4");
        Recorder(app.MapGet("/api/cameras/{id}/preview.jpg", (string id, DateTimeOffset? at, int? within, string? stream, HttpContext c, Planes planes) =>
            planes.Recorder.ForwardAsync(c)), "ForwardPreview",
            "A small picture of a time of the past; where nothing is recorded then, the first one of the next 'within' seconds.")
            .Produces<Stream>(200, "image/jpeg");
        Recorder(app.MapGet("/api/cameras/{id}/motion", (string id, DateTimeOffset? from, DateTimeOffset? to, string[]? region, int? minChange, string? stream, HttpContext c, Planes planes) =>
            planes.Recorder.ForwardAsync(c)), "ForwardMotion",
            "Where something moved in a part of the picture, newest first: lines of JSON, each with a type (hit, progress, skipped, end, failed), while the search goes on. A region is x,y,width,height or the corners of a polygon, 0 to 1.")
            .Produces<Stream>(200, "application/x-ndjson");
    }

    private static bool IsOfThePast(HttpContext context) => !string.IsNullOrEmpty(context.Request.Query["at"]);

    private static RouteHandlerBuilder Media(RouteHandlerBuilder endpoint, string name, string summary) => Describe(endpoint, name, summary)
        .WithTags("Live").WithMetadata(new AcceptsTicket(TicketKind.Live)).Needs(Permissions.LiveView, Scope.Camera).ProducesProblem(409).AddEndpointFilter(WithinLimitAsync);

    private static RouteHandlerBuilder Recorder(RouteHandlerBuilder endpoint, string name, string summary) => Describe(endpoint, name, summary)
        .WithTags("Playback").WithMetadata(new AcceptsTicket(TicketKind.Playback)).Needs(Permissions.RecordingsRead, Scope.Camera);

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, string name, string summary) => endpoint
        .WithName(name).WithSummary(summary + " Bearer or ticket.")
        .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);

    /// <summary>Whoever comes with a token begins to watch here; a ticket was counted when it was issued. A WHEP session that is there already is changed and ended by other
    /// methods than POST.</summary>
    private static async ValueTask<object?> WithinLimitAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        bool isStart = HttpMethods.IsPost(context.Request.Method) || (HttpMethods.IsGet(context.Request.Method) && !context.Request.Path.StartsWithSegments("/webrtc"));
        return isStart && Caller.Of(context) is { Ticket: null, Principal: { } who }
            && await context.RequestServices.GetRequiredService<LiveStreamLimit>().EnterAsync(who, (string)context.GetRouteValue("id")!, context.RequestAborted) is { } refusal
            ? refusal.ToProblem()
            : await next(invocation);
    }

    /// <summary>The ticket is part of the path, and may have expired while its holder watches; what its holder may do counts as it is now.</summary>
    private static async ValueTask<object?> IssuedTicketAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var tickets = context.RequestServices.GetRequiredService<TicketVerifier>();
        var id = (string)context.GetRouteValue("id")!;
        return tickets.WasIssued((string)context.GetRouteValue("ticket")!, TicketKind.Live, id, out var ticket)
            && context.RequestServices.GetRequiredService<RightsState>().MayStill(ticket, Permissions.LiveView, id)
            ? await next(invocation)
            : Problems.Of(StatusCodes.Status401Unauthorized, "ticketRequired", "A valid ticket is required", "Ask the API for a new one.");
    }
}

/// <summary>One forwarder per plane that has viewers.</summary>
internal sealed class Planes(PlaneOptions options, TimeProvider time, ILogger<PlaneForwarder> logger) : IDisposable
{
    public PlaneForwarder Media { get; } = new("media", options, time, logger);

    public PlaneForwarder Recorder { get; } = new("recorder", options, time, logger);

    public void Dispose()
    {
        Media.Dispose();
        Recorder.Dispose();
    }
}
