using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Features.Device;
using Vms.Hosting;

namespace Vms.Control.Features.Ptz;

/// <summary>POST /api/cameras/{id}/ptz/step: moves by a part of what the mechanics can reach.</summary>
internal static class StepPtz
{
    /// <summary>Parts of the range, −1..1: right, up and nearer are positive. Absent: not that axis.</summary>
    public sealed record Request(double? Pan, double? Tilt, double? Zoom);

    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapPost("/step", Handle).WithName(nameof(StepPtz)).WithSummary("Move by a part of the range.").Moves().ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(Request request, string id, HttpContext context, PtzControl control, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        PtzRules.Check(problems, -1, 1, ("pan", request.Pan), ("tilt", request.Tilt), ("zoom", request.Zoom));
        return problems.Count > 0 ? Problems.Fields(problems) : await control.OrderAsync(
            id, context,
            session => session.DoAsync((motor, limit) => StepAsync(motor, request.Pan ?? 0, request.Tilt ?? 0, request.Zoom ?? 0, limit)), cancellationToken);
    }

    private static async Task<DeviceFault?> StepAsync(PtzMotor motor, double pan, double tilt, double zoom, CancellationToken cancellationToken) =>
        PtzMotor.Missing(motor.Node.Spaces.RelativePanTilt, motor.Node.Spaces.RelativeZoom, pan, tilt, zoom) ?? DeviceFault.Of(await motor.Drive.MoveByAsync(pan, tilt, zoom, cancellationToken));
}
