using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Exports;
using Vms.Control.Jobs;
using Vms.Hosting;

namespace Vms.Control.Features.Jobs;

/// <summary>GET /api/jobs: newest first, page by page; exports among them. Results are whole in GET /api/jobs/{id}.</summary>
internal static class ListJobs
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void Map(RouteGroupBuilder jobs) =>
        jobs.MapGet("/", Handle).WithName(nameof(ListJobs)).WithSummary("List jobs, newest first; exports among them.").Needs(Permissions.JobsRead).ProducesProblem(400);

    private static async Task<Results<Ok<Page<JobView>>, ProblemHttpResult>> Handle(
        int? limit, string? cursor, HttpContext context, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        DateTimeOffset? beforeAt = null;
        if (!Cursor.TryParse(cursor, parts: 2, out var after) || (after is not null && !TryReadTime(after[0], out beforeAt)))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));

        var (caller, take) = (Caller.Of(context), limit ?? DefaultLimit);
        await using var command = database.Command($"""
            select {JobRow.BriefColumns} from control.job j
            where j.tenant_id = $1 and ($2 or j.created_by_id = $3) and ($4::timestamptz is null or (j.created_at, j.id) < ($4, $5))
            order by j.created_at desc, j.id desc limit $6
            """, caller.TenantId, caller.Rights.AllowsTenant(Permissions.JobsRead), caller.Principal!.Id, beforeAt, after?[1], take + 1);
        var rows = (await command.RowsAsync(JobRow.Read, cancellationToken)).Select(r => JobView.Of(r, time.GetUtcNow())).ToList();
        if (caller.Rights.AllowsAnywhere(Permissions.RecordingsExport))
            rows.AddRange(await ExportsAsync(database, caller.Rights.Filter(Permissions.RecordingsExport), beforeAt, after?[1], take + 1, cancellationToken));
        // The two lists are in the same order: what comes first of either is among the first of both.
        var newest = rows.OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id, StringComparer.Ordinal).Take(take + 1).ToList();
        return TypedResults.Ok(Page.Of(
            newest, take, row => row, last => Cursor.Of(last.CreatedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), last.Id)));
    }

    private static async Task<IEnumerable<JobView>> ExportsAsync(
        NpgsqlDataSource database, CameraFilter seen, DateTimeOffset? beforeAt, string? beforeId, int take, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"""
            select {ExportRow.Columns} from {ExportRow.Source}
            where ($1::timestamptz is null or (x.requested_at, x.id) < ($1, $2)) and x.tenant_id = $4 and ($5::text[] is null or x.camera_ids <@ $5)
            order by x.requested_at desc, x.id desc limit $3
            """, beforeAt, beforeId, take, seen.TenantId, seen.CameraIds);
        return (await command.RowsAsync(ExportRow.Read, cancellationToken)).Select(JobView.Of);
    }

    private static bool TryReadTime(string text, out DateTimeOffset? at)
    {
        var read = DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
        at = time;
        return read;
    }
}
