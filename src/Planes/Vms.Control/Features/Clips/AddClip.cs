using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Clips;

/// <summary>POST /api/clips: saves a range of some cameras under a name. Its footage is kept until the clip is deleted.</summary>
internal static class AddClip
{
    /// <summary>A clip keeps for ever: longer than that is a matter of retention, or of a hold.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(7);

    public sealed record Request(
        string? Name, IReadOnlyList<string>? CameraIds, DateTimeOffset? From, DateTimeOffset? To, string? Note, IReadOnlyList<string>? Tags);

    public static void Map(RouteGroupBuilder clips) =>
        clips.MapPost("/", Handle).WithName(nameof(AddClip)).WithSummary("Save a range of some cameras; its footage is kept until the clip is deleted.").Needs(Permissions.ClipsWrite, Scope.Cameras)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<ClipView>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, KeptRangesReconciler kept, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var name = KeptRules.Name(request.Name, "name", problems);
        var cameras = KeptRules.Cameras(request.CameraIds, problems);
        var (from, to) = KeptRules.Range(request.From, request.To, problems);
        if (to - from > s_longest)
            problems.Add(new FieldProblem("to", "outOfRange", $"A clip is at most {s_longest.TotalDays:0} days long"));
        var note = KeptRules.Note(request.Note, problems);
        var tags = KeptRules.Tags(request.Tags, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        if (Caller.Of(context).Rights.FirstForeign(Permissions.ClipsWrite, cameras) is { } foreign)
            return Problems.Fields(KeptRules.UnknownCamera(foreign));

        var (id, now, user) = (Guid.CreateVersion7(), time.GetUtcNow(), Actor.Of(context));
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            if (await KeptRangeRows.AddAsync(connection, user.TenantId, id, "clip", cameras, from, to, name, cancellationToken) is { } problem)
                return problem;
            await connection.ExecuteAsync("""
                insert into control.clip (id, name, camera_ids, from_time, to_time, note, tags, owner, created_at, updated_at, tenant_id)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)
                """, [id, name, cameras, from, to, note, tags, user.Name, now, user.TenantId], cancellationToken);
            await AuditLog.AddAsync(connection, now, user, "clip.saved", id.ToString(), new { name, cameras, from, to }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        kept.Changed();
        return TypedResults.Created($"/api/clips/{id}", (await ClipView.FindAsync(
            database, id, Caller.Of(context).Rights.Filter(Permissions.ClipsWrite), now, cancellationToken))!);
    }
}
