using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Events;

/// <summary>GET /api/events/{id}: with the way of its object, which lists leave out. <c>at</c> is when it happened: it is looked for in one month then, and not in all.</summary>
internal static class GetEvent
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/events/{id}", Handle).WithName(nameof(GetEvent)).WithSummary("One event, with the way of its object.").WithTags("Events").Needs(Permissions.EventsRead, Scope.Cameras)
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);

    private static async Task<Results<Ok<EventView>, ProblemHttpResult>> Handle(
        string id, DateTimeOffset? at, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var seen = Caller.Of(context).Rights.Filter(Permissions.EventsRead);
        await using var command = database.Command($"""
            select {EventRow.ColumnsWithPath} from {EventRow.From}
            where e.id = $1 and ($2::timestamptz is null or e.at = $2)
              and e.tenant_id = $3 and ($4::text[] is null or e.camera_id = any($4) or (e.camera_id is null and e.site_id = any($5)))
            order by e.at desc limit 1
            """, EventAddress.IdOf(id), at?.ToUniversalTime(), seen.TenantId, seen.CameraIds, seen.SiteIds);
        return await command.FirstAsync(EventRow.Read, cancellationToken) is { } found ? TypedResults.Ok(found) : Problems.NotFound("eventNotFound", "There is no such event");
    }
}
