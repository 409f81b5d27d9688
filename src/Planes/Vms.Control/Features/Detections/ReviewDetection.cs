using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Events;
using Vms.Hosting;

namespace Vms.Control.Features.Detections;

/// <summary>PATCH /api/detections/{id}: a person says whether it was right.</summary>
internal static class ReviewDetection
{
    /// <param name="State">confirmed, false, or new again.</param>
    public sealed record Request(string? State);

    public static void Map(RouteGroupBuilder detections) =>
        detections.MapPatch("/{id}", Handle).WithName(nameof(ReviewDetection)).WithSummary("Say whether a detection was right.").Needs(Permissions.DetectionsWrite, Scope.Cameras)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<Ok<DetectionView>, ProblemHttpResult>> Handle(
        string id, DateTimeOffset? at, Request request, HttpContext context, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var (mine, actor, now) = (Caller.Of(context).Rights.Filter(Permissions.DetectionsWrite), Actor.Of(context), time.GetUtcNow());
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(connection, mine, id, at, cancellationToken) is not { } found)
            return DetectionsRoutes.NotFound();
        if (request.State is not ("new" or "confirmed" or "false"))
            return Problems.Fields(new FieldProblem("state", "invalidValue", "Use confirmed, false or new"));
        await connection.ExecuteAsync(
            "update control.event set review = nullif($3, 'new'), reviewed_by = $4, reviewed_at = $5 where id = $1 and at = $2", [found.Id, found.At, request.State, actor.Name, now], cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, "detection.reviewed", found.Id, new { found.CameraId, found.At, request.State }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(found with { State = request.State, ReviewedBy = actor.Name, ReviewedAt = now });
    }

    /// <param name="at">Null: the newest of that id.</param>
    public static async Task<DetectionView?> FindAsync(NpgsqlConnection connection, CameraFilter mine, string id, DateTimeOffset? at, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"""
            select {DetectionView.Columns} from {EventRow.From}
            where e.id = $1 and ($2::timestamptz is null or e.at = $2) and e.tenant_id = $3 and ($4::text[] is null or e.camera_id = any($4)) and {DetectionView.IsOne}
            order by e.at desc limit 1
            """, EventAddress.IdOf(id), at?.ToUniversalTime(), mine.TenantId, mine.CameraIds);
        return await command.FirstAsync(DetectionView.Read, cancellationToken);
    }
}
