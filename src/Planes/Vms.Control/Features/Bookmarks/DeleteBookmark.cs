using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Bookmarks;

/// <summary>DELETE /api/bookmarks/{id}: its footage is kept as any other from now on.</summary>
internal static class DeleteBookmark
{
    public static void Map(RouteGroupBuilder bookmarks) =>
        bookmarks.MapDelete("/{id:guid}", Handle).WithName(nameof(DeleteBookmark)).WithSummary("Delete a bookmark; its footage is kept as any other.").Needs(Permissions.BookmarksWrite, Scope.Cameras)
            .ProducesProblem(400).ProducesProblem(404).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid id, HttpContext context, NpgsqlDataSource database, KeptRangesReconciler kept, TimeProvider time, CancellationToken cancellationToken)
    {
        var mine = Caller.Of(context).Rights.Filter(Permissions.BookmarksWrite);
        var (ended, refusal) = await KeptRangeRows.LetGoAsync(
            database, id, "delete from control.bookmark where id = $1 and tenant_id = $2 and ($3::text[] is null or camera_id = any($3)) returning title",
            [mine.TenantId, mine.CameraIds], "bookmark.deleted", "title", Actor.Of(context), time.GetUtcNow(), cancellationToken,
            connection => ItemVersion.CheckAsync(context, connection, "select updated_at from control.bookmark where id = $1 for update", id, cancellationToken));
        if (!ended)
            return refusal ?? BookmarksRoutes.NotFound();

        kept.Changed();
        return TypedResults.NoContent();
    }
}
