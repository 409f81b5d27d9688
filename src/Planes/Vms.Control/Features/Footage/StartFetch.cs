using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Jobs;
using Vms.Control.FrontDoor;
using Vms.Control.Jobs;
using Vms.Hosting;

namespace Vms.Control.Features.Footage;

/// <summary>POST /api/cameras/{id}/fetch: begins a job that fills what is missing of a camera's recordings with what the device has recorded itself.</summary>
internal static class StartFetch
{
    private const int MaxTokenLength = 64;

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_oldest = TimeSpan.FromDays(3660);

    /// <param name="From">Begin of the time that is looked through for what is missing; at most a day before <paramref name="To"/>.</param>
    /// <param name="OnvifPort">Of the device's web server: 80 when absent.</param>
    /// <param name="ReplayUrl">RTSP address on the camera's host at which it plays recordings by <c>Range: clock=</c>; absent: the device is asked by ONVIF (Profile G).</param>
    /// <param name="RecordingToken">Which of the device's recordings, where it has several.</param>
    public sealed record Request(DateTimeOffset? From, DateTimeOffset? To, int? OnvifPort = null, string? ReplayUrl = null, string? RecordingToken = null);

    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapPost("/{id}/fetch", Handle).WithName(nameof(StartFetch)).WithSummary("Begin a job: fill what is missing with what the device has recorded itself.")
            .Needs(Permissions.RecordingsStart, Scope.Camera).ProducesProblem(400).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> Handle(
        string id, Request request, HttpContext context, NpgsqlDataSource database, JobRunner runner, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var problems = new List<FieldProblem>();
        if (request.From is not { } from || from < now - s_oldest)
            problems.Add(new FieldProblem("from", request.From is null ? "required" : "outOfRange", "A time of the last ten years is expected"));
        if (request.To is not { } to || to > now)
            problems.Add(new FieldProblem("to", request.To is null ? "required" : "outOfRange", "A time that is over is expected"));
        else if (request.From is { } begin && (to <= begin || to - begin > s_longest))
            problems.Add(new FieldProblem("to", to <= begin ? "empty" : "tooLong", "Use at most a day, beginning with 'from'"));
        if (request.OnvifPort is < 1 or > 65535)
            problems.Add(new FieldProblem("onvifPort", "outOfRange", "Use 1 to 65535"));
        if (request.RecordingToken is { Length: 0 or > MaxTokenLength })
            problems.Add(new FieldProblem("recordingToken", "tooLong", $"Use 1 to {MaxTokenLength} characters"));
        if (await CameraRow.FindAsync(database, id, cancellationToken) is not { } camera)
            return CameraProblems.NotFound();
        if (FetchFootageJob.HostOf(camera.Settings.MainUrl) is not { } host)
            problems.Add(new FieldProblem("id", "invalidValue", "The camera sends to this server: there is no address to ask for its recordings"));
        else if (request.ReplayUrl is { } url && !IsOnHost(url, host))
            problems.Add(new FieldProblem("replayUrl", "invalidValue", $"An rtsp:// or rtsps:// address on {host}, without credentials, is expected"));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (caller, actor) = (Caller.Of(context), Actor.Of(context));
        var args = new FetchFootageJob.Args(id, request.From!.Value.ToUniversalTime(), request.To!.Value.ToUniversalTime(), request.OnvifPort, request.ReplayUrl, request.RecordingToken);
        var row = await JobRow.AddAsync(connection, FetchFootageJob.KindName, JsonSerializer.Serialize(args, JsonSerializerOptions.Web), caller, actor, now, cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, "footage.fetchRequested", id, new { jobId = row.Id, from = args.From, to = args.To }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        runner.Changed();
        return TypedResults.Accepted($"/api/jobs/{row.Id}", JobView.Of(row, now));
    }

    /// <summary>The camera's credentials go to no other host.</summary>
    private static bool IsOnHost(string url, string host) =>
        CameraUrl.TryParse(url, out var parsed, out var credentials) && credentials is null && parsed.Value != CameraUrl.Push
        && string.Equals(FetchFootageJob.HostOf(parsed.Value), host, StringComparison.OrdinalIgnoreCase);
}
