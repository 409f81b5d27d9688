using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;

namespace Vms.Control.Features.Clips;

/// <summary>GET /api/clips: the newest first, page by page.</summary>
internal static class ListClips
{
    public static void Map(RouteGroupBuilder clips) =>
        clips.MapGet("/", Handle).WithName(nameof(ListClips)).WithSummary("List clips, newest first.").Needs(Permissions.RecordingsRead, Scope.Cameras)
            .ProducesProblem(400);

    private static async Task<Results<Ok<Page<ClipView>>, ProblemHttpResult>> Handle(
        string? cameraId, DateTimeOffset? from, DateTimeOffset? to, string? tag, string? owner, int? limit, string? cursor, HttpContext context,
        NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        if (KeptPage.Read(limit, null, cursor, out var take, out var beforeAt, out var beforeId) is { } problem)
            return problem;

        var seen = Caller.Of(context).Rights.Filter(Permissions.RecordingsRead);
        await using var command = database.Command($"""
            select {ClipView.Columns} from control.clip
            where ($1::text is null or camera_ids @> array[$1]) and ($2::timestamptz is null or to_time > $2)
              and ($3::timestamptz is null or from_time < $3) and ($4::text is null or tags @> array[$4]) and ($5::text is null or owner = $5)
              and ($6::timestamptz is null or (created_at, id) < ($6, $7))
              and tenant_id = $9 and ($10::text[] is null or camera_ids <@ $10)
            order by created_at desc, id desc limit $8
            """, cameraId, from?.ToUniversalTime(), to?.ToUniversalTime(), tag, owner, beforeAt, beforeId, take + 1,
            seen.TenantId, seen.CameraIds);
        var rows = await ClipView.WithCamerasAsync(await command.RowsAsync(ClipView.Read, cancellationToken), database, time.GetUtcNow(), cancellationToken);
        return TypedResults.Ok(Page.Of(rows, take, row => row, last => KeptPage.CursorAfter(last.CreatedAt, last.Id)));
    }
}
