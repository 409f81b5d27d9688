using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Exports;
using Vms.Control.Jobs;
using Vms.Hosting;

namespace Vms.Control.Features.Jobs;

/// <summary>DELETE /api/jobs/{id}: ends one that is not over. What it did until then stays.</summary>
internal static class CancelJob
{
    public static void Map(RouteGroupBuilder jobs) =>
        jobs.MapDelete("/{id}", Handle).WithName(nameof(CancelJob)).WithSummary("Cancel a job.").Needs(Permissions.JobsRead).ProducesProblem(404).ProducesProblem(409);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, HttpContext context, NpgsqlDataSource database, JobRunner runner, ExportJobs exports, TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        if (await GetJob.FindAsync(database, caller, id, cancellationToken) is not { } row)
        {
            if (await GetJob.FindExportAsync(database, caller, id, cancellationToken) is not { } export)
                return JobsRoutes.NotFound();
            return await DeleteExport.EndAsync(id, context, database, exports, time, orDelete: false, cancellationToken) || export.State == ExportStates.Cancelled
                ? TypedResults.NoContent() : Over();
        }

        if (row.CreatedById != caller.Principal!.Id && !caller.Rights.AllowsTenant(Permissions.JobsWrite))
            return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this", "The job belongs to somebody else.");

        var now = time.GetUtcNow();
        JobRow over;
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await using var cancel = connection.Command($$"""
                update control.job j set state = 'cancelled', finished_at = $2, result = cursor, args = '{}', cursor = null, lease_owner = null, lease_until = null
                where j.id = $1 and j.state in ('queued', 'running') returning {{JobRow.Columns}}
                """, id, now);
            if (await cancel.FirstAsync(JobRow.Read, cancellationToken) is not { } cancelled)
                return row.State == JobStates.Cancelled ? TypedResults.NoContent() : Over();
            await AuditLog.AddAsync(connection, now, Actor.Of(context), "job.cancelled", id, new { kind = row.Kind }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            over = cancelled;
        }

        await runner.OverAsync(over);
        runner.Changed();
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult Over() => Problems.Of(StatusCodes.Status409Conflict, "jobIsOver", "The job is over already");
}
