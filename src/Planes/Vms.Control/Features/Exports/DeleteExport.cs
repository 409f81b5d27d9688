using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Exports;

/// <summary>DELETE /api/exports/{exportId} ends it if it is not done, and removes its files. POST …/cancel does so only as long as it is not done.</summary>
internal static class DeleteExport
{
    public static void Map(RouteGroupBuilder exports)
    {
        exports.MapDelete("/{exportId}", DeleteAsync).WithName(nameof(DeleteExport)).WithSummary("Cancel an export, or delete its files.").ProducesProblem(404);
        exports.MapPost("/{exportId}/cancel", CancelAsync).WithName("CancelExport").WithSummary("Cancel an export that is not done.").ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string exportId, HttpContext context, NpgsqlDataSource database, ExportJobs jobs, TimeProvider time, CancellationToken cancellationToken) =>
        await EndAsync(exportId, context, database, jobs, time, orDelete: true, cancellationToken) ? TypedResults.NoContent()
            // Again is as good as once.
            : await ExportRow.FindAsync(database, exportId, ExportsRoutes.SeenBy(context), cancellationToken) is not null ? TypedResults.NoContent() : ExportsRoutes.NotFound();

    private static async Task<Results<NoContent, ProblemHttpResult>> CancelAsync(
        string exportId, HttpContext context, NpgsqlDataSource database, ExportJobs jobs, TimeProvider time, CancellationToken cancellationToken) =>
        await EndAsync(exportId, context, database, jobs, time, orDelete: false, cancellationToken) ? TypedResults.NoContent()
            : await ExportRow.FindAsync(database, exportId, ExportsRoutes.SeenBy(context), cancellationToken) is not null
                ? Problems.Of(StatusCodes.Status409Conflict, "exportIsOver", "The export is over already", "Delete it to remove its files.")
                : ExportsRoutes.NotFound();

    /// <returns>False when there was nothing to end.</returns>
    public static async Task<bool> EndAsync(
        string id, HttpContext context, NpgsqlDataSource database, ExportJobs jobs, TimeProvider time, bool orDelete, CancellationToken cancellationToken)
    {
        var mine = ExportsRoutes.SeenBy(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = connection.Command(
            """
            update control.export set state = case when state in ('queued', 'running') then 'cancelled' else 'deleted' end, finished_at = coalesce(finished_at, $2),
                expires_at = null, cleared = false
            where id = $1 and (state in ('queued', 'running') or ($3 and state in ('done', 'failed')))
                and tenant_id = $4 and ($5::text[] is null or camera_ids <@ $5) returning state
            """, id, time.GetUtcNow(), orDelete, mine.TenantId, mine.CameraIds);
        if (await command.ExecuteScalarAsync(cancellationToken) is not string state)
            return false;
        await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "export." + state, id, new { }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        jobs.Changed();
        return true;
    }
}
