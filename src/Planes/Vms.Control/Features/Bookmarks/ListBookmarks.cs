using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;

namespace Vms.Control.Features.Bookmarks;

/// <summary>GET /api/bookmarks: of some cameras, a range of time or a tag; newest footage first, page by page.</summary>
internal static class ListBookmarks
{
    public static void Map(RouteGroupBuilder bookmarks) =>
        bookmarks.MapGet("/", Handle).WithName(nameof(ListBookmarks)).WithSummary("List bookmarks, newest footage first.").Needs(Permissions.RecordingsRead, Scope.Cameras)
            .ProducesProblem(400);

    private static async Task<Results<Ok<Page<BookmarkView>>, ProblemHttpResult>> Handle(
        string[]? cameraId, DateTimeOffset? from, DateTimeOffset? to, string? tag, int? limit, string? cursor, HttpContext context, NpgsqlDataSource database, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (KeptPage.Read(limit, cameraId, cursor, out var take, out var beforeAt, out var beforeId) is { } problem)
            return problem;

        var seen = Caller.Of(context).Rights.Filter(Permissions.RecordingsRead);
        await using var command = database.Command($"""
            select {BookmarkView.Columns} from {BookmarkView.Tables}
            where ($1::text[] is null or b.camera_id = any($1)) and ($2::timestamptz is null or b.to_time >= $2)
              and ($3::timestamptz is null or b.from_time < $3) and ($4::text is null or b.tags @> array[$4])
              and ($5::timestamptz is null or (b.from_time, b.id) < ($5, $6))
              and b.tenant_id = $8 and ($9::text[] is null or b.camera_id = any($9))
            order by b.from_time desc, b.id desc limit $7
            """, cameraId is { Length: > 0 } ? cameraId : null, from?.ToUniversalTime(), to?.ToUniversalTime(), tag, beforeAt, beforeId, take + 1,
            seen.TenantId, seen.CameraIds);
        var rows = await BookmarkView.WithKeptAsync(await command.RowsAsync(BookmarkView.Read, cancellationToken), database, time.GetUtcNow(), cancellationToken);
        return TypedResults.Ok(Page.Of(rows, take, row => row, last => KeptPage.CursorAfter(last.From, last.Id)));
    }
}
