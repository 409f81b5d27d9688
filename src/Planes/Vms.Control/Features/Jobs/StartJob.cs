using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Control.Jobs;
using Vms.Hosting;

namespace Vms.Control.Features.Jobs;

/// <summary>POST /api/jobs: begins an index check or a move of recordings. Other kinds begin where their noun is: POST /api/cameras/import, POST /api/exports.</summary>
internal static class StartJob
{
    /// <param name="Kind">indexCheck or move.</param>
    /// <param name="Level">Of an indexCheck: presence, size (the default) or hash: each looks at all that the one before it does.</param>
    /// <param name="CameraId">Absent: everything recorded; that is for whoever administers the installation.</param>
    /// <param name="FromPool">Of a move: the storage pool that the recordings stand in.</param>
    /// <param name="ToPool">Of a move: where they go.</param>
    /// <param name="From">Of a move: begin of the time; absent: from the oldest on. A file that reaches into the time is moved whole.</param>
    /// <param name="To">Of a move: end of the time; absent: now.</param>
    public sealed record Request(string? Kind, string? Level, string? CameraId, string? FromPool, string? ToPool, DateTimeOffset? From, DateTimeOffset? To);

    private static readonly string[] s_levels = ["presence", "size", "hash"];

    public static void Map(RouteGroupBuilder jobs) =>
        jobs.MapPost("/", Handle).WithName(nameof(StartJob)).WithSummary("Begin a job: compare the archive's index with the recorded files, or move recordings to another storage pool.").Needs(Permissions.JobsWrite)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static Task<Results<Accepted<JobView>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, JobRunner runner, MoveFootageJob moves, TimeProvider time, CancellationToken cancellationToken) => request.Kind switch
        {
            IndexCheckJob.KindName => CheckIndexAsync(request, context, database, runner, time, cancellationToken),
            MoveFootageJob.KindName => StartMove.HandleAsync(request, context, database, runner, moves, time, cancellationToken),
            _ => Task.FromResult<Results<Accepted<JobView>, ProblemHttpResult>>(Problems.Fields(
                new FieldProblem("kind", "invalidValue", "Use indexCheck or move; other jobs begin with POST /api/cameras/import and POST /api/exports"))),
        };

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> CheckIndexAsync(
        Request request, HttpContext context, NpgsqlDataSource database, JobRunner runner, TimeProvider time, CancellationToken cancellationToken)
    {
        var (caller, level, problems) = (Caller.Of(context), request.Level ?? "size", new List<FieldProblem>());
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
        var row = await JobRow.AddAsync(connection, IndexCheckJob.KindName, args, caller, Actor.Of(context), now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        runner.Changed();
        return TypedResults.Accepted($"/api/jobs/{row.Id}", JobView.Of(row, now));
    }
}
