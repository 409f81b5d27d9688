using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.FrontDoor;
using Vms.Control.Jobs;
using Vms.Hosting;

namespace Vms.Control.Features.Jobs;

/// <summary>POST /api/jobs: begins an index check. Other kinds begin where their noun is: POST /api/cameras/import, POST /api/exports.</summary>
internal static class StartIndexCheck
{
    /// <param name="Kind">indexCheck.</param>
    /// <param name="Level">presence, size (the default) or hash: each looks at all that the one before it does.</param>
    /// <param name="CameraId">Absent: everything recorded; that is for whoever administers the installation.</param>
    public sealed record Request(string? Kind, string? Level, string? CameraId);

    private static readonly string[] s_levels = ["presence", "size", "hash"];

    public static void Map(RouteGroupBuilder jobs) =>
        jobs.MapPost("/", Handle).WithName(nameof(StartIndexCheck)).WithSummary("Begin a job: compare the archive's index with the recorded files.").Needs(Permissions.JobsWrite)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, JobRunner runner, TimeProvider time, CancellationToken cancellationToken)
    {
        var (caller, level, problems) = (Caller.Of(context), request.Level ?? "size", new List<FieldProblem>());
        if (request.Kind != IndexCheckJob.KindName)
            problems.Add(new FieldProblem("kind", "invalidValue", "Use indexCheck; other jobs begin with POST /api/cameras/import and POST /api/exports"));
        if (!s_levels.Contains(level))
            problems.Add(new FieldProblem("level", "invalidValue", $"Use {string.Join(" or ", s_levels)}"));
        if (request.CameraId is { } camera && !caller.Rights.Allows(Permissions.JobsWrite, camera))
            problems.Add(new FieldProblem("cameraId", "cameraNotFound", "There is no such camera"));
        if (problems.Count > 0)
            return Problems.Fields(problems);
        // The archive is one for all tenants.
        if (request.CameraId is null && !caller.Rights.AllowsTenant(Permissions.SystemWrite))
            return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this", "Name a camera, or ask whoever administers the installation.");

        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var args = JsonSerializer.Serialize(new IndexCheckJob.Args(level, request.CameraId), JsonSerializerOptions.Web);
        var row = await JobRow.AddAsync(connection, IndexCheckJob.KindName, args, caller, Data.Actor.Of(context), now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        runner.Changed();
        return TypedResults.Accepted($"/api/jobs/{row.Id}", JobView.Of(row, now));
    }
}
