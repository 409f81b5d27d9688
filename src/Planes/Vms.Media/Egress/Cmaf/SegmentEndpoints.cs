using System.Buffers;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Codecs;
using Vms.Hosting;
using Vms.Media.Egress.Hls;
using Vms.Media.Streams;

namespace Vms.Media.Egress.Cmaf;

/// <summary>Answers what is no media file; false when it does not know the file either.</summary>
internal delegate Task<bool> OtherFile(HttpContext context, CmafWindow window, SegmentViewer viewer, string file);

/// <summary>
/// Init segments, segments and parts, the same below <c>/hls</c> and <c>/dash</c>:
/// <c>/hls/cam_{id}/{stream}/t/{ticket}/{file}</c>, or without <c>t/{ticket}</c> for players that send a header. The ticket is in
/// the path so that relative addresses keep it: what playlists say is then the same text for every viewer.
/// </summary>
internal static class SegmentEndpoints
{
    public const string MediaType = "video/mp4";

    /// <summary>Written to the connection at a time: what it buffers anyway.</summary>
    private const int FlushBytes = 64 << 10;

    /// <summary>What is served here never changes.</summary>
    public const string Immutable = "private, max-age=60, immutable";

    /// <summary>Maps both kinds of addresses of everything but the entry page.</summary>
    /// <param name="transport">hls or dash.</param>
    public static void Map(IEndpointRouteBuilder endpoints, string transport, CmafWindows windows, SegmentViewers viewers, OtherFile answer)
    {
        endpoints.MapGet($"/{transport}/cam_{{id}}/{{stream}}/t/{{ticket}}/{{file}}", (HttpContext context, string id, string stream, string ticket, string file, StreamRegistry streams) =>
        {
            AllowAnyOrigin(context);
            CloseBehind(context, transport);
            if (!streams.TryGet(id, stream, out var live))
                return NoStream().ExecuteAsync(context);
            var viewer = viewers.Admit(ticket, live, transport, TicketGate.AddressOf(context), out string? reason);
            if (viewer is not null)
                return ServeAsync(context, live, windows, viewer, file, answer);
            TicketGate.NoteRefusal(context, TicketKind.Live, id, ticket, reason);
            return (Refusal(reason) ?? NoTicket()).ExecuteAsync(context);
        });
        endpoints.MapGet($"/{transport}/cam_{{id}}/{{stream}}/{{file}}", (HttpContext context, string id, string stream, string file, StreamRegistry streams) =>
        {
            AllowAnyOrigin(context);
            if (!streams.TryGet(id, stream, out var live))
                return NoStream().ExecuteAsync(context);
            var viewer = viewers.Enter(context.Viewer(), live, transport, out string? reason);
            return viewer is null ? (Refusal(reason) ?? TooMany()).ExecuteAsync(context) : ServeAsync(context, live, windows, viewer, file, answer);
        }).RequireTicket(TicketKind.Live);
        endpoints.MapMethods($"/{transport}/cam_{{id}}/{{**rest}}", [HttpMethods.Options], (HttpContext context) =>
        {
            AllowAnyOrigin(context);
            context.Response.Headers.AccessControlAllowMethods = "GET";
            context.Response.Headers.AccessControlAllowHeaders = "Authorization, Range";
            context.Response.Headers.AccessControlMaxAge = "86400";
            return TypedResults.NoContent();
        });
    }

    /// <summary>The entry page: a stream that shows itself and can be packaged, and the address of its files.</summary>
    /// <param name="transport">hls or dash.</param>
    /// <returns>Either the window and the base of relative addresses, ending with a slash, or why not.</returns>
    public static async Task<(CmafWindow? Window, TrackInfo? Video, string BaseUrl, ProblemHttpResult? Problem)> EnterAsync(
        HttpContext context, string id, string stream, string transport, StreamRegistry streams, CmafWindows windows, SegmentViewers viewers)
    {
        AllowAnyOrigin(context);
        CloseBehind(context, transport);
        var vouched = TicketGate.Admit(context, TicketKind.Live, id);
        if (vouched is null && !streams.TryGet(id, stream, out _))
        {
            TicketGate.NoteRefusal(context, TicketKind.Live, id);
            return (null, null, "", TicketGate.Refusal(context));
        }

        if (await streams.FindAsync(id, stream, context.RequestAborted) is not { } live)
            return (null, null, "", NoStream());
        string? ticket = context.Request.Query["ticket"];
        bool byUrl = !string.IsNullOrEmpty(ticket) && !context.IsLocalSocket();
        string? reason = null;
        if ((byUrl ? viewers.Admit(ticket!, live, transport, TicketGate.AddressOf(context), out reason) : vouched is null ? null : viewers.Enter(vouched, live, transport, out reason)) is null)
        {
            TicketGate.NoteRefusal(context, TicketKind.Live, id, reason: reason);
            return (null, null, "", Refusal(reason) ?? TicketGate.Refusal(context));
        }

        if (windows.Use(live) is not { } window)
            return (null, null, "", TooMany());
        if (await live.WaitForVideoAsync(CmafWindows.Patience, context.RequestAborted) is not { } video)
            return (null, null, "", NotReady(context));

        if (!CmafCodecs.TryDescribe(video, out _))
            return (null, null, "", Problems.Of(StatusCodes.Status409Conflict, "unsupportedCodec", $"{video.Codec} cannot be sent this way"));
        return (window, video, string.IsNullOrEmpty(ticket) ? $"{stream}/" : $"{stream}/t/{Uri.EscapeDataString(ticket)}/", null);
    }

    private static Task ServeAsync(
        HttpContext context, LiveStream live, CmafWindows windows, SegmentViewer viewer, string file, OtherFile answer)
    {
        if (windows.Use(live) is not { } window)
            return TooMany().ExecuteAsync(context);
        if (!SegmentRequest.TryParse(file, out var request))
            return AnswerAsync(context, window, viewer, file, answer);
        if (request.IsInit)
            return SendInitAsync(context, window, request);
        return request.Part is { } part
            ? SendPartAsync(context, window, viewer, request, part)
            : SendSegmentAsync(context, windows, live, window, viewer, request);
    }

    private static async Task AnswerAsync(HttpContext context, CmafWindow window, SegmentViewer viewer, string file, OtherFile answer)
    {
        if (!await answer(context, window, viewer, file))
            await Absent().ExecuteAsync(context);
    }

    private static Task SendInitAsync(HttpContext context, CmafWindow window, SegmentRequest request)
    {
        if (window.Init(request.Number, request.Tracks) is not { } init)
            return Absent().ExecuteAsync(context);
        Head(context.Response, init.Length);
        return context.Response.Body.WriteAsync(init, 0, init.Length, context.RequestAborted);
    }

    private static async Task SendPartAsync(HttpContext context, CmafWindow window, SegmentViewer viewer, SegmentRequest request, int index)
    {
        if (await TakeAsync(window, request.Number, index, context.RequestAborted) is not { } part)
        {
            await Absent().ExecuteAsync(context);
            return;
        }

        try
        {
            Head(context.Response, part.BytesOf(request.Tracks));
            await WriteAsync(context, viewer, part, request.Tracks);
        }
        finally
        {
            part.Release();
        }
    }

    /// <summary>A finished segment with its length; one that grows part by part, as they come, until it ends.</summary>
    private static async Task SendSegmentAsync(HttpContext context, CmafWindows windows, LiveStream live, CmafWindow window, SegmentViewer viewer, SegmentRequest request)
    {
        long number = request.Number;
        long? length = window.LengthOf(number, request.Tracks);
        for (int index = 0; ; index++)
        {
            if (await TakeAsync(window, number, index, context.RequestAborted) is not { } part)
            {
                if (index == 0)
                    await Absent().ExecuteAsync(context);
                else if (!window.HasEnded(number, index))
                    context.Abort();        // half a segment must not be taken for a whole one
                return;
            }

            try
            {
                if (viewer.IsRevoked)
                {
                    context.Abort();
                    return;
                }

                if (index == 0)
                    Head(context.Response, length);
                await WriteAsync(context, viewer, part, request.Tracks);
            }
            finally
            {
                part.Release();
            }

            windows.Use(live);
        }
    }

    /// <returns>The caller's share; null when the part does not come.</returns>
    private static async ValueTask<CmafPart?> TakeAsync(CmafWindow window, long number, int index, CancellationToken cancellationToken)
    {
        CmafPart? part = null;
        var outcome = window.TryTake(number, index, out part);
        if (outcome == PartOutcome.Coming)
            await window.WaitAsync(() => (outcome = window.TryTake(number, index, out part)) != PartOutcome.Coming, CmafWindows.Patience, cancellationToken);
        return part;
    }

    private static async Task WriteAsync(HttpContext context, SegmentViewer viewer, CmafPart part, SegmentTracks tracks)
    {
        var body = context.Response.BodyWriter;
        int unflushed = 0;
        foreach (var chunk in part.Chunks)
        {
            if (tracks != SegmentTracks.All && tracks == SegmentTracks.Sound != (chunk.Kind == CmafMessageKind.Sound))
                continue;
            body.Write(chunk.Payload.Span);
            unflushed += chunk.PayloadLength;
            if (unflushed < FlushBytes)
                continue;
            await body.FlushAsync(context.RequestAborted);
            unflushed = 0;
        }

        if (unflushed > 0)
            await body.FlushAsync(context.RequestAborted);
        viewer.CountSent(part.BytesOf(tracks));
    }

    private static void Head(HttpResponse response, long? length)
    {
        response.ContentType = MediaType;
        response.ContentLength = length;
        response.Headers.CacheControl = Immutable;
    }

    public static ProblemHttpResult NotReady(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "2";
        return Problems.Of(StatusCodes.Status503ServiceUnavailable, "streamNotReady", "The camera sends no picture yet");
    }

    /// <summary>The player's next requests are <see cref="HlsServer"/>'s, which sees new connections first.</summary>
    private static void CloseBehind(HttpContext context, string transport)
    {
        if (transport == HlsEndpoints.Transport && OperatingSystem.IsLinux() && HlsListener.IsBehind(context))
            context.Response.Headers.Connection = "close";
    }

    private static void AllowAnyOrigin(HttpContext context) => context.Response.Headers.AccessControlAllowOrigin = "*";

    private static ProblemHttpResult NoStream() => Problems.NotFound("streamNotFound", "There is no such stream");

    private static ProblemHttpResult Absent() => Problems.NotFound("segmentNotFound", "There is no such segment, or no longer");

    /// <param name="reason">As <see cref="SegmentViewers"/> says it.</param>
    /// <returns>Null: it is the ticket's fault.</returns>
    private static ProblemHttpResult? Refusal(string? reason) => reason switch
    {
        TicketGate.RevokedCode => TicketGate.Revoked(),
        SegmentViewers.TooManyCode => TooMany(),
        _ => null,
    };

    private static ProblemHttpResult TooMany() => Problems.Of(StatusCodes.Status503ServiceUnavailable, "tooManyViewers", "There are too many viewers");

    private static ProblemHttpResult NoTicket() => Problems.Of(
        StatusCodes.Status401Unauthorized, "ticketRequired", "A valid ticket is required",
        "The ticket has expired, or is for another camera. Ask the API for a new one.");
}
