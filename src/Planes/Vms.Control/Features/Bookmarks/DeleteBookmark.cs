using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
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
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await using var delete = connection.Command("delete from control.bookmark where id = $1 returning title", id);
            if (await delete.ExecuteScalarAsync(cancellationToken) is not string title)
                return BookmarksRoutes.NotFound();
            await KeptRangeRows.RemoveAsync(connection, id, cancellationToken);
            await AuditLog.AddAsync(
                connection, time.GetUtcNow(), SignedIn.From(context.User)!.Username, "bookmark.deleted", id.ToString(), new { title }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        kept.Changed();
        return TypedResults.NoContent();
    }
}
