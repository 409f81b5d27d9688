using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Features.KeptFootage;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Bookmarks;

/// <summary>DELETE /api/bookmarks/{id}: its footage is kept as any other from now on.</summary>
internal static class DeleteBookmark
{
    public static void Map(RouteGroupBuilder bookmarks) =>
        bookmarks.MapDelete("/{id:guid}", Handle).WithName(nameof(DeleteBookmark)).WithSummary("Delete a bookmark; its footage is kept as any other.").RequireAuthorization(Permissions.BookmarksWrite)
            .ProducesProblem(404);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid id, HttpContext context, NpgsqlDataSource database, KeptRangesReconciler kept, TimeProvider time, CancellationToken cancellationToken)
    {
        var ended = await KeptRangeRows.LetGoAsync(
            database, id, "delete from control.bookmark where id = $1 returning title", [], "bookmark.deleted", "title",
            SignedIn.From(context.User)!.Username, time.GetUtcNow(), cancellationToken);
        if (!ended)
            return BookmarksRoutes.NotFound();

        kept.Changed();
        return TypedResults.NoContent();
    }
}
