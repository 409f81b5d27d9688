using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Events;

/// <summary>GET /api/cameras/{id}/events/{eventId}/snapshot.jpg and …/crop.jpg: the still that was taken for an event, and the object alone. Also with a playback
/// ticket, as an <c>img</c> needs it.</summary>
internal static class GetEventPicture
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var pictures = app.MapGroup("/api/cameras").WithTags("Events").ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
        pictures.MapGet("/{id}/events/{eventId}/snapshot.jpg", SnapshotAsync).WithName("GetEventSnapshot").WithSummary("The still that was taken for an event.")
            .Needs(Permissions.RecordingsRead, Scope.Camera).WithMetadata(new AcceptsTicket(TicketKind.Playback)).Produces(200, contentType: "image/jpeg");
        pictures.MapGet("/{id}/events/{eventId}/crop.jpg", CropAsync).WithName("GetEventCrop").WithSummary("The object that an event is about, cut out.")
            .Needs(Permissions.RecordingsRead, Scope.Camera).WithMetadata(new AcceptsTicket(TicketKind.Playback)).Produces(200, contentType: "image/jpeg");
    }

    private static async Task<IResult> SnapshotAsync(
        string id, string eventId, DateTimeOffset? at, HttpContext context, NpgsqlDataSource database, EventPictures pictures, CancellationToken cancellationToken)
    {
        await using var command = database.Command("""
            select at, snapshot ->> 'missing' from control.event
            where id = $1 and ($2::timestamptz is null or at = $2) and snapshot is not null and coalesce(snapshot ->> 'cameraId', camera_id) = $3 order by at desc limit 1
            """, EventAddress.IdOf(eventId), at?.ToUniversalTime(), id);
        if (await command.FirstAsync(r => new Found(r.Time(0), r.StringOrNull(1), null), cancellationToken) is not { } found || !IsOpen(context, found.At))
            return NotFound();
        var (jpeg, problem) = await pictures.ReadAsync(context, EventAddress.IdOf(eventId), found.At, cancellationToken);
        if (problem is not null)
            return problem;
        return jpeg is null ? NotFound() : Picture(context, jpeg, found.Missing);
    }

    private static async Task<IResult> CropAsync(string id, string eventId, DateTimeOffset? at, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Command("""
            select at, null::text, crop from control.event where id = $1 and ($2::timestamptz is null or at = $2) and camera_id = $3 and crop is not null order by at desc limit 1
            """, EventAddress.IdOf(eventId), at?.ToUniversalTime(), id);
        return await command.FirstAsync(r => new Found(r.Time(0), null, r.GetFieldValue<byte[]>(2)), cancellationToken) is { } found && IsOpen(context, found.At)
            ? Picture(context, found.Jpeg!, null) : NotFound();
    }

    /// <summary>A ticket may be for a part of the time alone.</summary>
    private static bool IsOpen(HttpContext context, DateTimeOffset at) =>
        Caller.Of(context).Ticket is not { } ticket || (!(at < ticket.From) && !(at >= ticket.To));

    private static FileContentHttpResult Picture(HttpContext context, byte[] jpeg, string? missing)
    {
        var headers = context.Response.Headers;
        // It never changes; whoever loses the right to it shall not find it in a cache that others share.
        headers.CacheControl = "private, max-age=86400";
        if (missing is not null)
            headers["X-Vms-Placeholder"] = missing;
        return TypedResults.Bytes(jpeg, "image/jpeg");
    }

    private static ProblemHttpResult NotFound() => Problems.NotFound("pictureNotFound", "There is no such picture");

    private sealed record Found(DateTimeOffset At, string? Missing, byte[]? Jpeg);
}
