using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Codecs;
using Vms.Hosting;
using Vms.Media.Streams;
using Vms.WebRtc.Sdp;

namespace Vms.Media.Egress.WebRtc;

/// <summary>
/// WHEP (draft-ietf-wish-whep): <c>POST /webrtc/cam_{id}/whep?stream=main</c> with an SDP offer gives 201 with the answer; the
/// session is at <c>Location</c>. PATCH takes candidates that an ICE-lite server has no use for, restarts of ICE (RFC 9725 §4.3, whose rules
/// WHEP shares) and switches the sound; GET says when a picture was captured; DELETE ends the session.
/// </summary>
/// <remarks>The session's URL carries 128 random bits and needs no ticket: a ticket may have expired when the viewer leaves.</remarks>
internal static class WhepEndpoints
{
    private const string SdpType = "application/sdp";
    private const string FragmentType = "application/trickle-ice-sdpfrag";
    private const string JsonType = "application/json";
    private const int MaxPatchLength = 256;

    public static void Map(IEndpointRouteBuilder endpoints, ViewerSessions sessions)
    {
        var whep = endpoints.MapGroup("/webrtc/cam_{id}/whep").AddEndpointFilter(AllowAnyOrigin);
        whep.MapMethods("", [HttpMethods.Options], () => TypedResults.NoContent());
        whep.MapMethods("{session}", [HttpMethods.Options], () => TypedResults.NoContent());
        whep.MapPost("", (string id, HttpContext context, StreamRegistry streams, CancellationToken cancellationToken, string stream = "main", string sound = "on") =>
            PostAsync(id, stream, hears: sound != "off", context, streams, sessions, cancellationToken)).RequireTicket(TicketKind.Live);
        whep.MapPatch("{session}", (string id, string session, HttpContext context, CancellationToken cancellationToken) =>
            PatchAsync(id, session, context, sessions, cancellationToken));
        whep.MapGet("{session}", (string id, string session, CancellationToken cancellationToken) => GetClockAsync(id, session, sessions, cancellationToken));
        whep.MapDelete("{session}", (string id, string session) => Delete(id, session, sessions));
    }

    private static async Task<IResult> PostAsync(
        string id, string stream, bool hears, HttpContext context, StreamRegistry streams, ViewerSessions sessions, CancellationToken cancellationToken)
    {
        if (!HasType(context.Request, SdpType))
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, "unsupportedMediaType", $"The offer must be {SdpType}");
        if (await streams.FindAsync(id, stream, cancellationToken) is not { } live)
            return Problems.NotFound("streamNotFound", "There is no such stream");
        if (await ReadAsync(context.Request, cancellationToken) is not { } offer)
            return Problems.Of(StatusCodes.Status413PayloadTooLarge, "offerTooLarge", $"An offer has at most {SdpDescription.MaxLength} bytes");

        var answered = await sessions.AnswerAsync(live, context.Viewer(), offer, hears, cancellationToken);
        if (answered.Problem is { } problem)
            return Refuse(context.Response, problem);

        var headers = context.Response.Headers;
        headers.Location = $"/webrtc/cam_{Uri.EscapeDataString(id)}/whep/{answered.Session!.Id}";
        headers.ETag = EntityTag(answered.Session);
        headers.Link = Links(sessions.IceServersFor(context.Viewer().User));
        headers["Accept-Patch"] = FragmentType;
        return TypedResults.Text(answered.Sdp, SdpType, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> PatchAsync(
        string id, string sessionId, HttpContext context, ViewerSessions sessions, CancellationToken cancellationToken)
    {
        if (!sessions.TryFind(sessionId, id, out var session))
            return NoSuchSession();
        if (HasType(context.Request, FragmentType))
            return await PatchIceAsync(session, context, sessions, cancellationToken);
        if (HasType(context.Request, JsonType) && context.Request.ContentLength <= MaxPatchLength)
            return await PatchSoundAsync(session, context.Request, cancellationToken);
        return Problems.Of(StatusCodes.Status415UnsupportedMediaType, "unsupportedMediaType", $"A patch must be {FragmentType} or a short {JsonType}");
    }

    /// <summary>New credentials restart ICE and are answered with ours. Candidates alone are not needed: ours are host candidates, and theirs come
    /// with their checks (RFC 8838 §8.2 allows to drop them).</summary>
    private static async Task<IResult> PatchIceAsync(WebRtcSession session, HttpContext context, ViewerSessions sessions, CancellationToken cancellationToken)
    {
        if (context.Request.Headers.IfMatch is [{ } wanted] && wanted != "*" && wanted != EntityTag(session))
        {
            return Problems.Of(StatusCodes.Status412PreconditionFailed, "iceRestarted", "The patch is for other ICE credentials",
                "The session has been restarted since.");
        }

        if (await ReadAsync(context.Request, cancellationToken) is not { } text || !SdpFragment.TryParse(text, out var fragment))
            return Problems.Of(StatusCodes.Status400BadRequest, "malformed", "This fragment cannot be used", "It has no ICE user fragment and password.");

        var answer = sessions.Patch(session, fragment);
        context.Response.Headers.ETag = EntityTag(session);
        return answer is null ? TypedResults.NoContent() : TypedResults.Text(answer, FragmentType);
    }

    /// <summary>Our own: <c>{"sound":true}</c> starts or stops the sound, which needs no new session that way.</summary>
    private static async Task<IResult> PatchSoundAsync(WebRtcSession session, HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            if (await JsonSerializer.DeserializeAsync(request.Body, WhepJson.Default.SoundPatch, cancellationToken) is not { Sound: { } on })
                return Problems.Of(StatusCodes.Status400BadRequest, "malformed", "The patch says nothing of sound");
            return session.TrySwitchSound(on)
                ? TypedResults.NoContent()
                : Problems.Of(StatusCodes.Status409Conflict, "noSound", "No sound was agreed for this session");
        }
        catch (JsonException)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, "malformed", "The patch is not JSON");
        }
    }

    /// <summary>Our own: which capture time an RTP timestamp of the video stands for. Browsers show the timestamp of a frame, but not what sender
    /// reports say of it.</summary>
    private static async Task<IResult> GetClockAsync(string id, string sessionId, ViewerSessions sessions, CancellationToken cancellationToken)
    {
        if (!sessions.TryFind(sessionId, id, out var session))
            return NoSuchSession();
        return await session.Egress.ClockAsync(cancellationToken) is { } clock
            ? TypedResults.Json(
                new VideoClock(clock.Timestamp, MediaTime.VideoTimescale, DateTimeOffset.UnixEpoch.AddMicroseconds(clock.CaptureUs)), WhepJson.Default.VideoClock)
            : Problems.Of(StatusCodes.Status409Conflict, "noVideo", "No picture has come yet, or it is not known");
    }

    /// <summary>Of the ICE session (RFC 9725 §4.3.1): our fragment changes with every restart.</summary>
    private static string EntityTag(WebRtcSession session) => $"\"{session.Credentials.UserFragment}\"";

    /// <summary>STUN and TURN servers for players that know no API of ours (RFC 9725 §4.6). A name with letters that no header carries is left to
    /// the API's answer.</summary>
    private static string[] Links(IReadOnlyList<IceServer> servers) =>
    [
        .. servers.Where(s => Ascii.IsValid(s.Username + s.Credential)).SelectMany(s => s.Urls, (s, url) => s.Username is null
            ? $"<{url}>; rel=\"ice-server\""
            : $"<{url}>; rel=\"ice-server\"; username={Quoted(s.Username)}; credential={Quoted(s.Credential!)}; credential-type=\"password\""),
    ];

    /// <summary>A quoted-string (RFC 9110 §5.6.4).</summary>
    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

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
    private static async Task<string?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
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
            headers.AccessControlAllowMethods = "GET, POST, PATCH, DELETE, OPTIONS";
            headers.AccessControlAllowHeaders = "Authorization, Content-Type, If-Match";
            headers.AccessControlMaxAge = "86400";
        }

        return next(context);
    }
}

/// <summary>What our own player changes in a session.</summary>
internal sealed record SoundPatch([property: JsonPropertyName("sound")] bool? Sound);

/// <summary>A point on the clock of a session's video.</summary>
/// <param name="RtpTimestamp">As in its packets.</param>
/// <param name="ClockRate">Ticks per second.</param>
/// <param name="CaptureTime">Of the picture with that timestamp, on the server's clock.</param>
internal sealed record VideoClock(uint RtpTimestamp, int ClockRate, DateTimeOffset CaptureTime);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SoundPatch))]
[JsonSerializable(typeof(VideoClock))]
internal sealed partial class WhepJson : JsonSerializerContext;
