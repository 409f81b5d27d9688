using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Footage;
using Vms.Control.FrontDoor;
using Vms.Control.Jobs;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>DELETE /api/cameras/{id}: its recordings stay until retention removes them, or go now with <c>?recordings=delete</c>; what holds and
/// clips keep goes when those are gone.</summary>
internal static class DeleteCamera
{
    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapDelete("/{id}", Handle).WithName(nameof(DeleteCamera)).WithSummary("Delete a camera; its recordings stay until retention unless recordings=delete.").Needs(Permissions.CamerasWrite, Scope.Camera)
            .ProducesProblem(400).ProducesProblem(404).ChecksVersion();

    private static async Task<Results<NoContent, ForbidHttpResult, ProblemHttpResult>> Handle(
        string id, string? recordings, HttpContext context, NpgsqlDataSource database, DesiredState desired, JobRunner jobs, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (recordings is not (null or "keep" or "delete"))
            return Problems.Fields(new FieldProblem("recordings", "invalidValue", "Use keep or delete"));
        if (recordings == "delete" && !Caller.Of(context).Rights.Allows(Permissions.RecordingsDelete, id))
            return TypedResults.Forbid();

        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await CameraRow.LockAsync(connection, id, cancellationToken) is { } row && ItemVersion.Check(context, CameraView.VersionOf(row)) is { } otherVersion)
            return otherVersion;
        if (!await RemoveAsync(connection, id, recordings ?? "keep", Actor.Of(context), now, cancellationToken))
            return CameraProblems.NotFound();
        await transaction.CommitAsync(cancellationToken);
        desired.Changed();
        jobs.Changed();
        return TypedResults.NoContent();
    }

    /// <summary>In the connection's transaction. False for a camera that is not there.</summary>
    /// <param name="recordings">keep or delete.</param>
    public static async Task<bool> RemoveAsync(
        NpgsqlConnection connection, string id, string recordings, Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var deleted = await connection.ExecuteAsync("""
            update control.camera set deleted_at = $2, updated_at = $2, password_protected = null, username = null, generation = generation + 1
            where id = $1 and deleted_at is null
            """, [id, now], cancellationToken);
        if (deleted == 0)
            return false;
        await connection.ExecuteAsync("delete from control.device where camera_id = $1", [id], cancellationToken);
        // What is fetched for it now would stand in the archive after its deletion.
        await connection.ExecuteAsync("""
            update control.job set state = 'cancelled', finished_at = $2, args = '{}', cursor = null, lease_owner = null, lease_until = null
            where kind = $3 and state in ('queued', 'running') and args ->> 'cameraId' = $1
            """, [id, now, FetchFootageJob.KindName], cancellationToken);
        if (recordings == "delete")
        {
            await connection.ExecuteAsync(
                "insert into control.archive_deletion (camera_id, requested_at, requested_by) values ($1, $2, $3) on conflict do nothing",
                [id, now, actor.Name], cancellationToken);
        }

        await AuditLog.AddAsync(connection, now, actor, "camera.deleted", id, new { recordings }, cancellationToken);
        return true;
    }
}
