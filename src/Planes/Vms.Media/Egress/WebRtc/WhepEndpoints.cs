using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Hosting;
using Vms.Media.Streams;
using Vms.WebRtc.Sdp;

namespace Vms.Media.Egress.WebRtc;

/// <summary>
/// WHEP (draft-ietf-wish-whep): <c>POST /webrtc/cam_{id}/whep?stream=main</c> with an SDP offer gives 201 with the answer; the
/// session is at <c>Location</c>. PATCH takes candidates that an ICE-lite server has no use for, DELETE ends the session.
/// </summary>
/// <remarks>The session's URL carries 128 random bits and needs no ticket: a ticket may have expired when the viewer leaves.</remarks>
internal static class WhepEndpoints
{
    private const string SdpType = "application/sdp";
    private const string FragmentType = "application/trickle-ice-sdpfrag";

    public static void Map(IEndpointRouteBuilder endpoints, ViewerSessions sessions)
    {
        var whep = endpoints.MapGroup("/webrtc/cam_{id}/whep").AddEndpointFilter(AllowAnyOrigin);
        whep.MapMethods("", [HttpMethods.Options], () => TypedResults.NoContent());
        whep.MapMethods("{session}", [HttpMethods.Options], () => TypedResults.NoContent());
        whep.MapPost("", (string id, HttpContext context, StreamRegistry streams, CancellationToken cancellationToken, string stream = "main") =>
            PostAsync(id, stream, context, streams, sessions, cancellationToken)).RequireTicket(TicketKind.Live);
        whep.MapPatch("{session}", (string id, string session, HttpRequest request) => Patch(id, session, request, sessions));
        whep.MapDelete("{session}", (string id, string session) => Delete(id, session, sessions));
    }

    private static async Task<IResult> PostAsync(
        string id, string stream, HttpContext context, StreamRegistry streams, ViewerSessions sessions, CancellationToken cancellationToken)
    {
        if (!HasType(context.Request, SdpType))
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, "unsupportedMediaType", $"The offer must be {SdpType}");
        if (!streams.TryGet(id, stream, out var live))
            return Problems.NotFound("streamNotFound", "There is no such stream");
        if (await ReadOfferAsync(context.Request, cancellationToken) is not { } offer)
            return Problems.Of(StatusCodes.Status413PayloadTooLarge, "offerTooLarge", $"An offer has at most {SdpDescription.MaxLength} bytes");

        var answered = await sessions.AnswerAsync(live, context.Viewer().User, offer, cancellationToken);
        if (answered.Problem is { } problem)
            return Refuse(context.Response, problem);

        var headers = context.Response.Headers;
        headers.Location = $"/webrtc/cam_{Uri.EscapeDataString(id)}/whep/{answered.Session!.Id}";
        headers.ETag = $"\"{answered.Session.Id}\"";
        headers["Accept-Patch"] = FragmentType;
        return TypedResults.Text(answered.Sdp, SdpType, statusCode: StatusCodes.Status201Created);
    }

    /// <summary>Host candidates on our side, checks from theirs: what trickles in is not needed (RFC 8838 §8.2 allows to drop it).</summary>
    private static IResult Patch(string id, string session, HttpRequest request, ViewerSessions sessions)
    {
        if (!sessions.TryFind(session, id, out _))
            return NoSuchSession();
        return HasType(request, FragmentType)
            ? TypedResults.NoContent()
            : Problems.Of(StatusCodes.Status415UnsupportedMediaType, "unsupportedMediaType", $"A patch must be {FragmentType}");
    }

    private static IResult Delete(string id, string session, ViewerSessions sessions)
    {
        if (!sessions.TryFind(session, id, out var found))
            return NoSuchSession();
        sessions.Close(found);
        return TypedResults.Ok();
    }

    private static ProblemHttpResult NoSuchSession() => Problems.NotFound("sessionNotFound", "There is no such session, or it has ended");

    private static ProblemHttpResult Refuse(HttpResponse response, ViewerProblem problem)
    {
        if (problem.RetryAfter is { } delay)
            response.Headers.RetryAfter = ((int)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Problems.Of(problem.Status, problem.Code, problem.Title, problem.Detail);
    }

    private static bool HasType(HttpRequest request, string type)
    {
        var sent = request.ContentType.AsSpan();
        int parameters = sent.IndexOf(';');
        return (parameters < 0 ? sent : sent[..parameters]).Trim().Equals(type, StringComparison.OrdinalIgnoreCase);
    }

    /// <returns>Null when it is too long.</returns>
    private static async Task<string?> ReadOfferAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var buffer = new char[SdpDescription.MaxLength + 1];
        using var reader = new StreamReader(request.Body);
        int length = await reader.ReadBlockAsync(buffer, cancellationToken);
        return length > SdpDescription.MaxLength ? null : new string(buffer, 0, length);
    }

    /// <summary>A player may stand on another page: the credential is in the URL, so no cookie is at risk.</summary>
    private static ValueTask<object?> AllowAnyOrigin(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlExposeHeaders = "Location, ETag, Link, Accept-Patch";
        if (HttpMethods.IsOptions(context.HttpContext.Request.Method))
        {
            headers.AccessControlAllowMethods = "POST, PATCH, DELETE, OPTIONS";
            headers.AccessControlAllowHeaders = "Authorization, Content-Type, If-Match";
            headers.AccessControlMaxAge = "86400";
        }

        return next(context);
    }
}
