using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Bookmarks;

/// <summary>POST /api/bookmarks: marks a moment or a stretch of a camera's recordings, which is then kept for longer.</summary>
internal static class AddBookmark
{
    /// <summary>So many are a list that nobody reads.</summary>
    private const int MaxBookmarks = 100_000;

    /// <param name="At">A moment; instead of From and To.</param>
    public sealed record Request(
        string? CameraId, DateTimeOffset? At, DateTimeOffset? From, DateTimeOffset? To, string? Title, string? Note, IReadOnlyList<string>? Tags);

    public static void Map(RouteGroupBuilder bookmarks) =>
        bookmarks.MapPost("/", Handle).WithName(nameof(AddBookmark)).WithSummary("Mark a moment or a stretch of a camera's recordings.").Needs(Permissions.BookmarksWrite, Scope.Cameras)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<BookmarkView>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, KeptRangesReconciler kept, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        if (request.At is not null && (request.From is not null || request.To is not null))
            problems.Add(new FieldProblem("at", "invalidValue", "Give a moment, or a beginning and an end, not both"));
        var (from, to) = request.At is { } at
            ? (at.ToUniversalTime(), KeptRules.Range(at, at.AddTicks(1), problems).From)
            : KeptRules.Range(request.From, request.To, problems);
        var title = KeptRules.Name(request.Title, "title", problems);
        var note = KeptRules.Note(request.Note, problems);
        var tags = KeptRules.Tags(request.Tags, problems);
        if (string.IsNullOrEmpty(request.CameraId))
            problems.Add(new FieldProblem("cameraId", "required", "Name the camera"));
        if (problems.Count > 0)
            return Problems.Fields(problems);
        if (!Caller.Of(context).Rights.Allows(Permissions.BookmarksWrite, request.CameraId!))
            return Problems.Fields(KeptRules.UnknownCamera(request.CameraId!));

        var (id, now, user) = (Guid.CreateVersion7(), time.GetUtcNow(), Actor.Of(context));
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            if (await KeptRangeRows.AddAsync(connection, user.TenantId, id, "bookmark", [request.CameraId!], from, to, title, cancellationToken) is { } problem)
                return problem;
            await using var count = connection.Command("select count(*) from control.bookmark");
            if ((long)(await count.ExecuteScalarAsync(cancellationToken))! >= MaxBookmarks)
                return Problems.Of(StatusCodes.Status409Conflict, "tooManyBookmarks", "Too many bookmarks", $"There are {MaxBookmarks} already. Delete some that nobody needs.");
            await connection.ExecuteAsync("""
                insert into control.bookmark (id, camera_id, from_time, to_time, title, note, tags, created_by, created_at, updated_at, tenant_id)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)
                """, [id, request.CameraId, from, to, title, note, tags, user.Name, now, user.TenantId], cancellationToken);
            await AuditLog.AddAsync(connection, now, user, "bookmark.added", id.ToString(), new { request.CameraId, from, to, title }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        kept.Changed();
        return TypedResults.Created($"/api/bookmarks/{id}", (await BookmarkView.FindAsync(database, id, now, cancellationToken))!);
    }
}
