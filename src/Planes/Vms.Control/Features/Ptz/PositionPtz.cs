using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Features.Device;
using Vms.Hosting;

namespace Vms.Control.Features.Ptz;

/// <summary>POST /api/cameras/{id}/ptz/position: moves to a place.</summary>
internal static class PositionPtz
{
    /// <summary>Shares of what the mechanics can reach, 0..1, as GET tells them. Pan and tilt come together; what is absent stays.</summary>
    public sealed record Request(double? Pan, double? Tilt, double? Zoom);

    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapPost("/position", Handle).WithName(nameof(PositionPtz)).WithSummary("Move to a place.").Moves().ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(Request request, string id, HttpContext context, PtzControl control, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        PtzRules.Check(problems, 0, 1, ("pan", request.Pan), ("tilt", request.Tilt), ("zoom", request.Zoom));
        if (request.Pan is null != request.Tilt is null)
            problems.Add(new FieldProblem(request.Pan is null ? "pan" : "tilt", "required", "Pan and tilt come together"));
        return problems.Count > 0 ? Problems.Fields(problems) : await control.OrderAsync(
            id, context, session => session.DoAsync(async (motor, limit) => DeviceFault.Of(await motor.Drive.MoveToAsync(request.Pan, request.Tilt, request.Zoom, limit))), cancellationToken);
    }
}
