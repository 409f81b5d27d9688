using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Events;
using Vms.Hosting;

namespace Vms.Control.Features.Detections;

/// <summary>GET /api/detections: objects that were seen, one row each, newest first, page by page.</summary>
internal static class ListDetections
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void Map(RouteGroupBuilder detections) =>
        detections.MapGet("/", Handle).WithName(nameof(ListDetections)).WithSummary("List objects that were seen, newest first.").Needs(Permissions.EventsRead, Scope.Cameras).ProducesProblem(400);

    private static async Task<Results<Ok<Page<DetectionView>>, ProblemHttpResult>> Handle(
        [AsParameters] DetectionQuery wanted, int? limit, string? cursor, HttpContext context, RightsState people, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (wanted.Check() is { Count: > 0 } problems)
            return Problems.Fields(problems);
        if (!ListEvents.TryReadCursor(cursor, out var beforeAt, out var beforeId))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));

        var take = limit ?? DefaultLimit;
        var seen = Caller.Of(context).Rights.Filter(Permissions.EventsRead);
        await using var command = database.Command($"""
            select {DetectionView.ColumnsOfQuery} from {EventRow.From}
            where {DetectionQuery.Where} and ($20::timestamptz is null or (e.at, e.id) < ($20, $21))
            order by e.at desc, e.id desc limit $22
            """, wanted.ValuesOf(seen, people.Current, withFalse: true, beforeAt, beforeId, take + 1));
        var rows = await command.RowsAsync(DetectionView.Read, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, take, row => row, last => ListEvents.CursorOf(last.At, last.Id)));
    }
}
