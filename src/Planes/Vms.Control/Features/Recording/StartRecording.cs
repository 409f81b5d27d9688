using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Control.Auth;
using Vms.Control.Features.Cameras;
using Vms.Control.FrontDoor.Limits;
using Vms.Hosting;

namespace Vms.Control.Features.Recording;

/// <summary>POST /api/cameras/{id}/record: records from now on, pre-roll included, whatever mode and schedule say. Asked again it goes on until the
/// later end.</summary>
internal static class StartRecording
{
    private const int DefaultSeconds = 300;
    private const int MaxSeconds = 86_400;
    private const int MaxPreRoll = 60;
    private const int MaxReasonLength = 200;

    /// <param name="Seconds">From now, up to a day; 300 when absent.</param>
    /// <param name="PreRoll">Seconds from before now; the camera's own when absent.</param>
    /// <param name="Reason">Stands in the event that says who started it.</param>
    public sealed record Request(string? Reason = null, int? Seconds = null, int? PreRoll = null);

    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapPost("/{id}/record", Handle).WithName(nameof(StartRecording)).WithSummary("Record now, with pre-roll, whatever the mode.")
            .Needs(Permissions.RecordingsStart, Scope.Camera).CountsAs(RateClass.Event).ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<Ok<ManualRecording>, ProblemHttpResult>> Handle(
        string id, Request request, HttpContext context, NpgsqlDataSource database, ManualRecorder recorder, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var reason = request.Reason?.Trim() ?? "";
        if (reason.Length == 0)
            problems.Add(new FieldProblem("reason", "required", "Say why it is recorded"));
        else if (reason.Length > MaxReasonLength || reason.Any(char.IsControl))
            problems.Add(new FieldProblem("reason", "tooLong", $"Use at most {MaxReasonLength} printable characters"));
        if (request.Seconds is < 1 or > MaxSeconds)
            problems.Add(new FieldProblem("seconds", "outOfRange", $"Use 1 to {MaxSeconds} seconds"));
        if (request.PreRoll is < 0 or > MaxPreRoll)
            problems.Add(new FieldProblem("preRoll", "outOfRange", $"Use 0 to {MaxPreRoll} seconds"));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        if (await CameraRow.FindAsync(database, id, cancellationToken) is not { Settings: var settings })
            return CameraProblems.NotFound();
        if (!settings.Enabled)
            return Problems.Of(StatusCodes.Status409Conflict, "cameraDisabled", "The camera is switched off", "Switch it on first.");
        if (settings.OnDemand && !settings.Recording.WantsAnything)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "cameraOnDemand", "The camera is connected only while somebody watches",
                "There is nothing to record from. Have it connected all the time, or give it a recording mode.");
        }

        var by = Caller.Of(context).Name;
        var (until, problem) = await recorder.StartAsync(
            context,
            settings.SiteId,
            settings.Recording.RecordedStreams(),
            new StartManualRequest
            {
                CameraId = id,
                Seconds = request.Seconds ?? DefaultSeconds,
                PreRollSeconds = request.PreRoll ?? settings.Recording.PreRoll,
                Reason = reason,
                By = by,
            },
            cancellationToken);
        return problem is null ? TypedResults.Ok(new ManualRecording(until, reason, by)) : problem;
    }
}
