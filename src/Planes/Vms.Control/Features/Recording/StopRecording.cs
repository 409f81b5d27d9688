using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.FrontDoor.Limits;

namespace Vms.Control.Features.Recording;

/// <summary>DELETE /api/cameras/{id}/record: ends a recording that was started by hand; what is recorded stays. Nothing happens when there is none.</summary>
internal static class StopRecording
{
    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapDelete("/{id}/record", Handle).WithName(nameof(StopRecording)).WithSummary("End a recording that was started by hand.")
            .Needs(Permissions.RecordingsStart, Scope.Camera).CountsAs(RateClass.Event);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, HttpContext context, NpgsqlDataSource database, ManualRecorder recorder, CancellationToken cancellationToken)
    {
        if (await CameraRow.FindAsync(database, id, cancellationToken) is not { Settings: var settings })
            return CameraProblems.NotFound();
        var problem = await recorder.StopAsync(
            context, settings.SiteId, id, settings.Recording.RecordedStreams(), Actor.Of(context), cancellationToken);
        return problem is null ? TypedResults.NoContent() : problem;
    }
}
