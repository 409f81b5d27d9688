using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Vms.Control.Auth;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Exports;

/// <summary>GET /api/exports/faces: before an export that is to hide faces, of how much of the recordings nobody looked for people.</summary>
internal static class MeasureFaces
{
    public sealed record Measured(IReadOnlyList<MeasuredCamera> Cameras);

    /// <param name="RecordedSeconds">So much of the time is recorded.</param>
    /// <param name="UnlookedSeconds">And so much of that nobody looked at for people: nothing is hidden there.</param>
    public sealed record MeasuredCamera(string CameraId, double RecordedSeconds, double UnlookedSeconds);

    public static void Map(RouteGroupBuilder exports) => exports.MapGet("/faces", Handle).WithName(nameof(MeasureFaces))
        .WithSummary("Of how much of a time an export cannot hide faces, because nobody looked for people.").ProducesProblem(400);

    private static async Task<Results<Ok<Measured>, ProblemHttpResult>> Handle(
        [FromQuery(Name = "cameraId")] string[]? cameraIds, DateTimeOffset? from, DateTimeOffset? to, HttpContext context, ExportJobs jobs, CancellationToken cancellationToken)
    {
        string[] cameras = [.. (cameraIds ?? []).Distinct(StringComparer.Ordinal)];
        if (cameras.Length is 0 or > RequestExport.MaxCameras || cameras.Any(string.IsNullOrEmpty))
            return Problems.Fields(new FieldProblem("cameraId", "outOfRange", $"Name 1 to {RequestExport.MaxCameras} cameras"));
        if (from is null || to is null)
            return Problems.Fields(new FieldProblem(from is null ? "from" : "to", "required", "Say from when and until when"));
        if (to <= from || to - from > RequestExport.Longest)
            return Problems.Fields(new FieldProblem("to", "outOfRange", $"The end must be after the beginning, {RequestExport.Longest.TotalDays} days at the most"));
        if (Caller.Of(context).Rights.FirstForeign(Permissions.RecordingsExport, cameras) is { } unknown)
            return Problems.Fields(new FieldProblem("cameraId", "cameraNotFound", $"There is no camera {unknown}"));
        try
        {
            var measured = await jobs.MeasureHeadsAsync(cameras, from.Value, to.Value, cancellationToken);
            return TypedResults.Ok(new Measured([.. measured.Select(m => new MeasuredCamera(m.CameraId, Math.Round(m.RecordedSeconds, 1), Math.Round(m.UnlookedSeconds, 1)))]));
        }
        catch (RpcException e)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "planeUnavailable", "The recorder is not available", e.Detail);
        }
    }
}
