using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Features.Device;
using Vms.Hosting;

namespace Vms.Control.Features.Ptz;

/// <summary>POST /api/cameras/{id}/ptz/centre: brings a point of the picture to its middle, and what lies around it nearer.</summary>
internal static class CentrePtz
{
    /// <summary>Of the zoom's range, for a rectangle that vanishes: devices do not say how much nearer a step brings.</summary>
    private const double WholeZoom = 0.5;

    /// <summary>Shares of the picture, 0..1 from its upper left corner.</summary>
    /// <param name="X">Of the middle of what shall be seen.</param>
    /// <param name="Width">Of what shall fill the picture; absent: as near as now.</param>
    public sealed record Request(double? X, double? Y, double? Width, double? Height);

    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapPost("/centre", Handle).WithName(nameof(CentrePtz)).WithSummary("Bring a point of the picture to its middle; with a rectangle, nearer too.").Moves()
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(Request request, string id, HttpContext context, PtzControl control, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        PtzRules.Check(problems, 0, 1, ("x", request.X), ("y", request.Y), ("width", request.Width), ("height", request.Height));
        if (problems.Count == 0 && (request.X is null || request.Y is null))
            problems.Add(new FieldProblem(request.X is null ? "x" : "y", "required", "A point has both"));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        double part = Math.Max(request.Width ?? 0, request.Height ?? 0);
        return await control.OrderAsync(
            id, context,
            session => session.DoAsync(async (motor, limit) =>
            {
                // Upwards is positive for devices, downwards for pictures.
                var centred = await motor.Drive.CentreAsync((2 * request.X!.Value) - 1, 1 - (2 * request.Y!.Value), limit);
                if (!centred.IsSuccess || part is 0 or 1 || motor.Node.Spaces.RelativeZoom is null)
                    return DeviceFault.Of(centred);
                return DeviceFault.Of(await motor.Drive.MoveByAsync(0, 0, (1 - part) * WholeZoom, limit));
            }),
            cancellationToken);
    }
}
