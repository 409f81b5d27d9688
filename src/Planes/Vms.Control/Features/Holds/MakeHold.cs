using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Holds;

/// <summary>POST /api/holds: nothing of a range of some cameras is deleted until the hold is lifted. The range may reach into the future.</summary>
internal static class MakeHold
{
    public sealed record Request(string? Reason, IReadOnlyList<string>? CameraIds, DateTimeOffset? From, DateTimeOffset? To);

    public static void Map(RouteGroupBuilder holds) =>
        holds.MapPost("/", Handle).WithName(nameof(MakeHold)).WithSummary("Make a legal hold: nothing of the range is deleted until it is lifted.").Needs(Permissions.RecordingsHold, Scope.Cameras)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<HoldView>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, KeptRangesReconciler kept, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var reason = KeptRules.Name(request.Reason, "reason", problems);
        var cameras = KeptRules.Cameras(request.CameraIds, problems);
        var (from, to) = KeptRules.Range(request.From, request.To, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        if (Caller.Of(context).Rights.FirstForeign(Permissions.RecordingsHold, cameras) is { } foreign)
            return Problems.Fields(KeptRules.UnknownCamera(foreign));

        var (id, now, user) = (Guid.CreateVersion7(), time.GetUtcNow(), Actor.Of(context));
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            if (await KeptRangeRows.AddAsync(connection, user.TenantId, id, "hold", cameras, from, to, reason, cancellationToken) is { } problem)
                return problem;
            await connection.ExecuteAsync(
                "insert into control.hold (id, reason, camera_ids, from_time, to_time, created_by, created_at, tenant_id) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                [id, reason, cameras, from, to, user.Name, now, user.TenantId], cancellationToken);
            await AuditLog.AddAsync(connection, now, user, "hold.made", id.ToString(), new { reason, cameras, from, to }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        kept.Changed();
        return TypedResults.Created($"/api/holds/{id}", (await HoldView.FindAsync(database, id, now, cancellationToken))!);
    }
}
