using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Bookmarks;

/// <summary>PATCH /api/bookmarks/{id}: its words. What is absent stays; where it stands does not change.</summary>
internal static class PatchBookmark
{
    public sealed record Request(string? Title, string? Note, IReadOnlyList<string>? Tags);

    public static void Map(RouteGroupBuilder bookmarks) =>
        bookmarks.MapPatch("/{id:guid}", Handle).WithName(nameof(PatchBookmark)).WithSummary("Change a bookmark's title, note or tags. Absent keeps.").Needs(Permissions.BookmarksWrite, Scope.Cameras)
            .Accepts<Request>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<BookmarkView>, ProblemHttpResult>> Handle(
        Guid id, Request request, HttpContext context, NpgsqlDataSource database, KeptRangesReconciler kept, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var title = request.Title is null ? null : KeptRules.Name(request.Title, "title", problems);
        var note = request.Note is null ? null : KeptRules.Note(request.Note, problems);
        var tags = request.Tags is null ? null : KeptRules.Tags(request.Tags, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var now = time.GetUtcNow();
        var mine = Caller.Of(context).Rights.Filter(Permissions.BookmarksWrite);
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            if (await ItemVersion.CheckAsync(context, connection, "select updated_at from control.bookmark where id = $1 for update", id, cancellationToken) is { } otherVersion)
                return otherVersion;
            var changed = await connection.ExecuteAsync("""
                update control.bookmark set title = coalesce($2, title), note = coalesce($3, note), tags = coalesce($4, tags), updated_at = $5
                where id = $1 and tenant_id = $6 and ($7::text[] is null or camera_id = any($7))
                """, [id, title, note, tags, now, mine.TenantId, mine.CameraIds], cancellationToken);
            if (changed == 0)
                return BookmarksRoutes.NotFound();
            if (title is not null)
                await KeptRangeRows.RenameAsync(connection, id, title, cancellationToken);
            await AuditLog.AddAsync(
                connection, now, Actor.Of(context), "bookmark.changed", id.ToString(), new { title, note, tags }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        kept.Changed();
        return await BookmarkView.FindAsync(database, id, now, cancellationToken) is { } view ? TypedResults.Ok(view) : BookmarksRoutes.NotFound();
    }
}
