using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;

namespace Vms.Control.Features.Holds;

/// <summary>GET /api/holds: those in force, or all that ever were; the newest first.</summary>
internal static class ListHolds
{
    public static void Map(RouteGroupBuilder holds) =>
        holds.MapGet("/", Handle).WithName(nameof(ListHolds)).WithSummary("List legal holds, newest first; lifted ones with lifted=true.").Needs(Permissions.RecordingsRead, Scope.Cameras)
            .ProducesProblem(400);

    private static async Task<Results<Ok<Page<HoldView>>, ProblemHttpResult>> Handle(
        string[]? cameraId, DateTimeOffset? from, DateTimeOffset? to, bool? lifted, int? limit, string? cursor, HttpContext context,
        NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        if (KeptPage.Read(limit, cameraId, cursor, out var take, out var beforeAt, out var beforeId) is { } problem)
            return problem;

        var seen = Caller.Of(context).Rights.Filter(Permissions.RecordingsRead);
        await using var command = database.Command($"""
            select {HoldView.Columns} from control.hold
            where ($1::text[] is null or camera_ids && $1) and ($2::timestamptz is null or to_time > $2) and ($3::timestamptz is null or from_time < $3)
              and ($4 or lifted_at is null) and ($5::timestamptz is null or (created_at, id) < ($5, $6))
              and tenant_id = $8 and ($9::text[] is null or camera_ids <@ $9)
            order by created_at desc, id desc limit $7
            """, cameraId is { Length: > 0 } ? cameraId : null, from?.ToUniversalTime(), to?.ToUniversalTime(), lifted ?? false, beforeAt, beforeId,
            take + 1, seen.TenantId, seen.CameraIds);
        var rows = await HoldView.WithCamerasAsync(await command.RowsAsync(HoldView.Read, cancellationToken), database, time.GetUtcNow(), cancellationToken);
        return TypedResults.Ok(Page.Of(rows, take, row => row, last => KeptPage.CursorAfter(last.CreatedAt, last.Id)));
    }
}
