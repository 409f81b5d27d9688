using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Hosting;

namespace Vms.Control.Features.Ptz;

/// <summary>POST /api/cameras/{id}/ptz/move: moves until <see cref="StopPtz"/>, or until <see cref="PtzSession.DeadMan"/> has passed without another.</summary>
internal static class MovePtz
{
    /// <summary>Speeds of −1..1: right, up and nearer are positive. Absent: not that axis.</summary>
    public sealed record Request(double? Pan, double? Tilt, double? Zoom);

    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapPost("/move", Handle).WithName(nameof(MovePtz)).WithSummary("Move until stopped, or for 1.5 s: say it again for longer.").Moves()
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(Request request, string id, HttpContext context, PtzControl control, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        PtzRules.Check(problems, -1, 1, ("pan", request.Pan), ("tilt", request.Tilt), ("zoom", request.Zoom));
        return problems.Count > 0
            ? Problems.Fields(problems)
            : await control.OrderAsync(id, context, session => session.MoveAsync(request.Pan ?? 0, request.Tilt ?? 0, request.Zoom ?? 0), cancellationToken);
    }
}
