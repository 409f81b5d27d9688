using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Events;
using Vms.Control.Features.Events;
using Vms.Hosting;

namespace Vms.Control.Features.Detections;

/// <summary>GET /api/detections: objects that were seen, one row each, newest first, page by page.</summary>
internal static class ListDetections
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;
    private static readonly string[] s_states = ["new", "confirmed", "false"];

    public static void Map(RouteGroupBuilder detections) =>
        detections.MapGet("/", Handle).WithName(nameof(ListDetections)).WithSummary("List objects that were seen, newest first.").Needs(Permissions.EventsRead, Scope.Cameras).ProducesProblem(400);

    /// <summary>plate: * and ? stand for any characters, and any one.</summary>
    private static async Task<Results<Ok<Page<DetectionView>>, ProblemHttpResult>> Handle(
        string[]? cameraId, [FromQuery(Name = "class")] string[]? classes, string? plate, string? state, double? minConfidence, DateTimeOffset? from, DateTimeOffset? to, int? limit, string? cursor, HttpContext context,
        NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (state is not null && !s_states.Contains(state))
            return Problems.Fields(new FieldProblem("state", "invalidValue", $"Use {string.Join(", ", s_states)}"));
        if (!(cameraId ?? []).Concat(classes ?? []).All(EventText.IsStorable))
            return Problems.Fields(new FieldProblem("class", "invalidValue", "It holds a NUL, or half of a character"));
        if (!ListEvents.TryReadCursor(cursor, out var beforeAt, out var beforeId))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));

        var take = limit ?? DefaultLimit;
        var seen = Caller.Of(context).Rights.Filter(Permissions.EventsRead);
        await using var command = database.Command($"""
            select {DetectionView.Columns} from {EventRow.From}
            where e.tenant_id = $1 and ($2::text[] is null or e.camera_id = any($2)) and {DetectionView.IsOne}
              and ($3::text[] is null or e.camera_id = any($3)) and ($4::text[] is null or e.data ->> 'class' = any($4))
              and ($5::text is null or (e.data ? 'plate' and left(e.data ->> 'plate', 64) like $5)) and ($6::text is null or coalesce(e.review, 'new') = $6)
              and ($7::float8 is null or (jsonb_typeof(e.data -> 'confidence') = 'number' and (e.data ->> 'confidence')::float8 >= $7))
              and ($8::timestamptz is null or e.at >= $8) and ($9::timestamptz is null or e.at < $9) and ($10::timestamptz is null or (e.at, e.id) < ($10, $11))
            order by e.at desc, e.id desc limit $12
            """, seen.TenantId, seen.CameraIds, cameraId is { Length: > 0 } ? cameraId : null, classes is { Length: > 0 } ? classes : null,
            plate is null ? null : PlatePattern.ToLike(plate), state, minConfidence, from?.ToUniversalTime(), to?.ToUniversalTime(), beforeAt, beforeId, take + 1);
        var rows = await command.RowsAsync(DetectionView.Read, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, take, row => row, last => ListEvents.CursorOf(last.At, last.Id)));
    }
}
