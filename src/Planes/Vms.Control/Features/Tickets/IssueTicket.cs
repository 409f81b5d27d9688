using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor.Limits;
using Vms.Hosting;

namespace Vms.Control.Features.Tickets;

/// <summary>POST /api/tickets: a short-lived right for URLs that cannot carry a header.</summary>
internal static class IssueTicket
{
    public const int MaxCameras = 64;

    /// <summary>So many ids are in a ticket that stands for all cameras somebody may see, when these are not all there are; more are too long for a URL.</summary>
    private const int MaxExpanded = 500;

    /// <summary>Used at once, to open the WebSocket.</summary>
    private static readonly TimeSpan s_wsLifetime = TimeSpan.FromMinutes(1);

    /// <summary>A player asks for pieces of the archive for as long as somebody watches.</summary>
    private static readonly TimeSpan s_playbackLifetime = TimeSpan.FromHours(1);

    /// <summary>Pages that show stills renew them, and this with them.</summary>
    private static readonly TimeSpan s_snapshotLifetime = TimeSpan.FromMinutes(10);

    /// <summary>A download that has begun goes on; one that breaks off is gone on with.</summary>
    private static readonly TimeSpan s_exportLifetime = TimeSpan.FromHours(12);

    /// <summary>An encoder is set up once and connects again by itself; one that stays for ever has a user name and a password. A session
    /// that has begun outlives it.</summary>
    private static readonly TimeSpan s_publishLifetime = TimeSpan.FromHours(24);

    /// <param name="Kind">ws, playback, snapshot, export or publish.</param>
    /// <param name="CameraIds">The cameras it opens; all that the caller may see when absent. To publish, they have to be named.</param>
    /// <param name="From">Playback and export: nothing before.</param>
    /// <param name="To">Playback and export: nothing after.</param>
    public sealed record Request(string? Kind, IReadOnlyList<string>? CameraIds, DateTimeOffset? From, DateTimeOffset? To);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/api/tickets", Handle).WithName(nameof(IssueTicket)).WithSummary("Get a short-lived ticket for URLs that cannot carry a header.").WithTags("Tickets").Needs(Permissions.CamerasRead, Scope.Cameras)
            .CountsAs(RateClass.StreamStart).ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(415);

    private static async Task<Results<Ok<TicketView>, ForbidHttpResult, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, TicketSigner signer, PlaneOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var fields = new List<FieldProblem>();
        var (kind, lifetime, permission) = request.Kind switch
        {
            "ws" => (TicketKind.Ws, s_wsLifetime, Permissions.CamerasRead),
            "playback" => (TicketKind.Playback, s_playbackLifetime, Permissions.RecordingsRead),
            "snapshot" => (TicketKind.Snapshot, s_snapshotLifetime, Permissions.LiveView),
            "export" => (TicketKind.Export, s_exportLifetime, Permissions.RecordingsExport),
            "publish" => (TicketKind.Publish, s_publishLifetime, Permissions.StreamsPublish),
            _ => default,
        };
        if (permission is null)
        {
            fields.Add(new FieldProblem("kind", "invalidValue", "Use ws, playback, snapshot, export or publish"));
        }

        if (request is { Kind: "publish", CameraIds: null })
            fields.Add(new FieldProblem("cameraIds", "required", "Name the cameras whose pictures are to be sent"));
        if (request.CameraIds is { Count: 0 or > MaxCameras })
            fields.Add(new FieldProblem("cameraIds", "outOfRange", $"Name 1 to {MaxCameras} cameras, or none for all"));
        if (request.From >= request.To)
            fields.Add(new FieldProblem("to", "outOfRange", "The end must be after the beginning"));
        if (fields.Count > 0)
            return Problems.Fields(fields);

        var caller = Caller.Of(context);
        if (!caller.Rights.AllowsAnywhere(permission!))
            return TypedResults.Forbid();
        if (request.CameraIds is { } ids && caller.Rights.FirstForeign(permission!, ids) is { } unknown)
            return Problems.Fields(new FieldProblem("cameraIds", "cameraNotFound", $"There is no camera {unknown}"));

        // The live feed asks for the rights of now, camera by camera; the planes know only what is in the ticket.
        var cameraIds = request.CameraIds ?? (kind == TicketKind.Ws ? null : (IReadOnlyList<string>?)caller.Rights.CamerasOrAll(permission!));
        if (request.CameraIds is null && cameraIds?.Count > MaxExpanded)
            return Problems.Fields(new FieldProblem("cameraIds", "required", $"You may see more cameras than fit into a ticket: name up to {MaxCameras}"));

        var now = time.GetUtcNow();
        var expiresAt = now + lifetime;
        if (kind == TicketKind.Export)
        {
            // Whoever has it may take exports out of the house, also from the recorder's own port.
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await AuditLog.AddAsync(
                connection, now, Actor.Of(context), "export.ticketIssued", "", new { cameraIds, from = request.From, to = request.To, expiresAt }, cancellationToken);
        }

        var ticket = signer.Sign(new Ticket(
            kind, caller.Name, cameraIds, expiresAt, request.From, request.To, caller.Principal!.Id, caller.TenantId, caller.SignInId,
            caller.Rights.AsOf));
        var baseUrl = kind == TicketKind.Playback && options.PlaybackPort != 0
            ? $"{context.Request.Scheme}://{new HostString(context.Request.Host.Host, options.PlaybackPort).ToUriComponent()}"
            : null;
        return TypedResults.Ok(new TicketView(ticket, expiresAt, baseUrl));
    }
}
