using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Features.Tickets;
using Vms.Control.Federation;
using Vms.Control.FrontDoor.Limits;
using Vms.Hosting;

namespace Vms.Control.Features.Servers;

/// <summary>POST /api/federated/cameras/{server}/{id}/playback: a playback ticket of the server that has the camera, and where that server answers timeline, playlists
/// and clips.</summary>
internal static class StartFederatedPlayback
{
    /// <param name="From">Nothing before.</param>
    /// <param name="To">Nothing after.</param>
    public sealed record Request(DateTimeOffset? From, DateTimeOffset? To);

    public static void Map(RouteGroupBuilder federated) =>
        federated.MapPost("/cameras/{server}/{id}/playback", HandleAsync).WithName(nameof(StartFederatedPlayback)).WithSummary("Get a ticket and the address to play a camera of another server from.").Needs(Permissions.RecordingsRead, Scope.Tenant)
            .CountsAs(RateClass.StreamStart).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(502).ProducesProblem(504);

    private static async Task<Results<Ok<TicketView>, ProblemHttpResult>> HandleAsync(
        string server, string id, Request? request, HttpContext context, NpgsqlDataSource database, ServerDirectory directory, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request?.From >= request?.To)
            return Problems.Fields(new FieldProblem("to", "outOfRange", "The end must be after the beginning"));
        var (peer, ticket, problem) = await FederatedCamera.AskAsync<TicketView>(
            context, directory, server, id,
            camera => ("/api/tickets", new IssueTicket.Request("playback", [camera], request?.From, request?.To)), cancellationToken);
        if (ticket is null)
            return problem!;
        await FederatedCamera.NoteAsync(
            context, database, "server.playbackStarted", server, id, new { server = peer!.Row.Name, request?.From, request?.To }, time.GetUtcNow(), cancellationToken);
        return TypedResults.Ok(ticket with { BaseUrl = FederatedCamera.OwnUrl(peer, ticket.BaseUrl) ?? ServerRules.TextOf(peer.Row.Address) });
    }
}
