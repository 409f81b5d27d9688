using Microsoft.AspNetCore.Http.HttpResults;

namespace Vms.Control.Features.Ptz;

/// <summary>POST /api/cameras/{id}/ptz/stop: ends a move; it comes before whatever else waits to move.</summary>
internal static class StopPtz
{
    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapPost("/stop", Handle).WithName(nameof(StopPtz)).WithSummary("Stop moving.").Moves();

    private static Task<Results<NoContent, ProblemHttpResult>> Handle(string id, HttpContext context, PtzControl control, CancellationToken cancellationToken) =>
        control.OrderAsync(id, context, session => session.StopAsync(), cancellationToken);
}
