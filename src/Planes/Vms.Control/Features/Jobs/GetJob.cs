using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Discovery;
using Vms.Control.Features.Exports;
using Vms.Control.Jobs;

namespace Vms.Control.Features.Jobs;

/// <summary>GET /api/jobs/{id}. One's own needs no permission: whoever may begin long work has to hear what became of it.</summary>
internal static class GetJob
{
    public static void Map(RouteGroupBuilder jobs) =>
        jobs.MapGet("/{id}", Handle).WithName(nameof(GetJob)).WithSummary("Get a job: one's own, or with jobs.read anybody's.").NeedsCredential().ProducesProblem(404);

    /// <summary>Null for one that is not there for the caller.</summary>
    public static async Task<JobRow?> FindAsync(NpgsqlDataSource database, Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"select {JobRow.Columns} from control.job j where j.id = $1 and j.tenant_id = $2 and ($3 or j.created_by_id = $4)", id, caller.TenantId,
            caller.Rights.AllowsTenant(Permissions.JobsRead), caller.Principal!.Id);
        return await command.FirstAsync(JobRow.Read, cancellationToken);
    }

    /// <summary>Likewise.</summary>
    public static async Task<ExportRow?> FindExportAsync(NpgsqlDataSource database, Caller caller, string id, CancellationToken cancellationToken) =>
        caller.Rights.AllowsAnywhere(Permissions.RecordingsExport)
            ? await ExportRow.FindAsync(database, id, caller.Rights.Filter(Permissions.RecordingsExport), cancellationToken)
            : null;

    /// <summary>What a scan found is for those who may look for devices.</summary>
    private static bool IsWhole(JobRow row, Caller caller) => row.Kind != ScanJob.KindName || caller.Rights.AllowsTenant(Permissions.DevicesDiscover);

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> Handle(
        string id, HttpContext context, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        if (await FindAsync(database, caller, id, cancellationToken) is { } row)
            return TypedResults.Ok(JobView.Of(IsWhole(row, caller) ? row : row.Brief(), time.GetUtcNow()));
        return await FindExportAsync(database, caller, id, cancellationToken) is { } export ? TypedResults.Ok(JobView.Of(export)) : JobsRoutes.NotFound();
    }
}
