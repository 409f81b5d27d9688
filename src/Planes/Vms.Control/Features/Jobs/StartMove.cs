using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Jobs;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Jobs;

/// <summary>POST /api/jobs with kind move: the recorder is asked first whether that may be, so that whoever begins it learns why not at once.</summary>
internal static class StartMove
{
    private const int MaxPoolName = 64;

    private static readonly DateTimeOffset s_oldest = DateTimeOffset.UnixEpoch;

    public static async Task<Results<Accepted<JobView>, ProblemHttpResult>> HandleAsync(
        StartJob.Request request, HttpContext context, NpgsqlDataSource database, JobRunner runner, MoveFootageJob moves, TimeProvider time, CancellationToken cancellationToken)
    {
        var (caller, now, problems) = (Caller.Of(context), time.GetUtcNow(), new List<FieldProblem>());
        // Pools are the machine's, and the archive is one for all tenants.
        if (!caller.Rights.AllowsTenant(Permissions.SystemWrite))
            return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this", "Ask whoever administers the installation.");
        foreach (var (field, pool) in (IEnumerable<(string, string?)>)[("fromPool", request.FromPool), ("toPool", request.ToPool)])
        {
            if (string.IsNullOrEmpty(pool) || pool.Length > MaxPoolName)
                problems.Add(new FieldProblem(field, string.IsNullOrEmpty(pool) ? "required" : "tooLong", "Name a storage pool"));
        }

        if (request.CameraId is { } camera && !caller.Rights.Allows(Permissions.JobsWrite, camera))
            problems.Add(new FieldProblem("cameraId", "cameraNotFound", "There is no such camera"));
        var (from, to) = ((request.From ?? s_oldest).ToUniversalTime(), (request.To ?? now).ToUniversalTime());
        if (from < s_oldest)
            problems.Add(new FieldProblem("from", "outOfRange", "A time since 1970 is expected"));
        if (to > now || to <= from)
            problems.Add(new FieldProblem("to", to <= from ? "empty" : "outOfRange", "A time that is over and behind 'from' is expected"));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var args = new MoveFootageJob.Args(request.FromPool!, request.ToPool!, request.CameraId, from, to);
        if (await RefusalAsync(context, moves, args, cancellationToken) is { } refusal)
            return refusal;

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var actor = Actor.Of(context);
        var row = await JobRow.AddAsync(connection, MoveFootageJob.KindName, JsonSerializer.Serialize(args, JsonSerializerOptions.Web), caller, actor, now, cancellationToken);
        await AuditLog.AddAsync(
            connection, now, actor, "footage.moveRequested", row.Id, new { fromPool = args.FromPool, toPool = args.ToPool, cameraId = args.CameraId, from = request.From, to }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        runner.Changed();
        return TypedResults.Accepted($"/api/jobs/{row.Id}", JobView.Of(row, now));
    }

    private static async Task<ProblemHttpResult?> RefusalAsync(HttpContext context, MoveFootageJob moves, MoveFootageJob.Args args, CancellationToken cancellationToken)
    {
        try
        {
            await moves.PlanAsync(args, cancellationToken);
            return null;
        }
        catch (RpcException e) when (e.Status != RpcStatus.Cancelled || !cancellationToken.IsCancellationRequested)
        {
            // An archive that takes long to count: the job itself asks again before it moves anything.
            return e.Status == RpcStatus.DeadlineExceeded ? null : ProblemOf(context, MoveFootageJob.CodeOf(e));
        }
    }

    private static ProblemHttpResult ProblemOf(HttpContext context, (string Code, string Detail) refused) => refused.Code switch
    {
        "samePool" => Problems.Of(StatusCodes.Status409Conflict, "samePool", "The recordings are in this pool already", refused.Detail),
        "unknownPool" => Problems.Of(StatusCodes.Status409Conflict, "unknownPool", "There is no such storage pool", refused.Detail),
        "poolAway" => Problems.Of(StatusCodes.Status409Conflict, "poolAway", "A storage pool is not there", refused.Detail),
        "poolFull" => Problems.Of(StatusCodes.Status409Conflict, "poolFull", "The storage pool has no room for it", refused.Detail),
        "tooOld" => Problems.Of(StatusCodes.Status409Conflict, "tooOldForPool", "The storage pool would delete some of it", refused.Detail),
        "movesOn" => Problems.Of(StatusCodes.Status409Conflict, "movesOn", "It would not stay in this storage pool", refused.Detail),
        _ => Away(context, refused.Detail),
    };

    private static ProblemHttpResult Away(HttpContext context, string detail)
    {
        context.Response.Headers.RetryAfter = "2";
        return Problems.Of(StatusCodes.Status503ServiceUnavailable, "planeUnavailable", "The recorder is not available", detail);
    }
}
