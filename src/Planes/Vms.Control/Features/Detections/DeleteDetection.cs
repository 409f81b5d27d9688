using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Events;

namespace Vms.Control.Features.Detections;

/// <summary>DELETE /api/detections/{id}: with its event and its pictures. Recordings stay.</summary>
internal static class DeleteDetection
{
    public static void Map(RouteGroupBuilder detections) =>
        detections.MapDelete("/{id}", Handle).WithName(nameof(DeleteDetection)).WithSummary("Delete a detection with its event and pictures.").Needs(Permissions.DetectionsWrite, Scope.Cameras)
            .ProducesProblem(404);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, DateTimeOffset? at, HttpContext context, NpgsqlDataSource database, EventPictures pictures, TimeProvider time, CancellationToken cancellationToken)
    {
        var (mine, actor, now) = (Caller.Of(context).Rights.Filter(Permissions.DetectionsWrite), Actor.Of(context), time.GetUtcNow());
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ReviewDetection.FindAsync(connection, mine, id, at, cancellationToken) is not { } found)
            return DetectionsRoutes.NotFound();
        await connection.ExecuteAsync("delete from control.event where id = $1 and at = $2", [found.Id, found.At], cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, "detection.deleted", found.Id, new { found.CameraId, found.At, found.Class, found.Plate }, cancellationToken);
        // Before the commit: what cannot be removed now is tried again with the whole request.
        if (found.SnapshotUrl is not null && await pictures.DeleteAsync(context, found.Id, found.At, cancellationToken) is { } problem)
            return problem;
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
