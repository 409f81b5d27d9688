using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Clips;

/// <summary>PATCH /api/clips/{id}: its words. What is absent stays; its cameras and its range do not change.</summary>
internal static class PatchClip
{
    public sealed record Request(string? Name, string? Note, IReadOnlyList<string>? Tags);

    public static void Map(RouteGroupBuilder clips) =>
        clips.MapPatch("/{id:guid}", Handle).WithName(nameof(PatchClip)).WithSummary("Change a clip's name, note or tags. Absent keeps.").Needs(Permissions.ClipsWrite, Scope.Cameras)
            .Accepts<Request>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<ClipView>, ProblemHttpResult>> Handle(
        Guid id, Request request, HttpContext context, NpgsqlDataSource database, KeptRangesReconciler kept, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var name = request.Name is null ? null : KeptRules.Name(request.Name, "name", problems);
        var note = request.Note is null ? null : KeptRules.Note(request.Note, problems);
        var tags = request.Tags is null ? null : KeptRules.Tags(request.Tags, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var now = time.GetUtcNow();
        var mine = Caller.Of(context).Rights.Filter(Permissions.ClipsWrite);
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            if (await ItemVersion.CheckAsync(context, connection, "select updated_at from control.clip where id = $1 for update", id, cancellationToken) is { } otherVersion)
                return otherVersion;
            var changed = await connection.ExecuteAsync(
                """
                update control.clip set name = coalesce($2, name), note = coalesce($3, note), tags = coalesce($4, tags), updated_at = $5
                where id = $1 and tenant_id = $6 and ($7::text[] is null or camera_ids <@ $7)
                """, [id, name, note, tags, now, mine.TenantId, mine.CameraIds], cancellationToken);
            if (changed == 0)
                return ClipsRoutes.NotFound();
            if (name is not null)
                await KeptRangeRows.RenameAsync(connection, id, name, cancellationToken);
            await AuditLog.AddAsync(
                connection, now, Actor.Of(context), "clip.changed", id.ToString(), new { name, note, tags }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        kept.Changed();
        return await ClipView.FindAsync(database, id, mine, now, cancellationToken) is { } view ? TypedResults.Ok(view) : ClipsRoutes.NotFound();
    }
}
