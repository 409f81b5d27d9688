using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Features.Device;
using Vms.Hosting;
using Vms.Onvif.Imaging;

namespace Vms.Control.Features.Imaging;

/// <summary>POST /api/cameras/{id}/imaging/focus: focuses by hand until <see cref="StopFocus"/>, or until <see cref="FocusWatch.Longest"/> has passed without another.</summary>
internal static class MoveFocus
{
    /// <param name="Speed">−1..1, negative is nearer.</param>
    public sealed record Request(double? Speed);

    public static void Map(RouteGroupBuilder imaging) =>
        imaging.MapPost("/focus", Handle).WithName(nameof(MoveFocus)).WithSummary("Focus by hand until stopped, or for 10 s.").Needs(Permissions.ImagingWrite, Scope.Camera)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Request request, string id, HttpContext context, CameraDevices devices, NpgsqlDataSource database, FocusWatch watch, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.Speed is not { } speed)
            return Problems.Fields(new FieldProblem("speed", "required", "Say how fast, and in which direction"));
        if (!(speed is >= -1 and <= 1 and not 0))
            return Problems.Fields(new FieldProblem("speed", "outOfRange", "Use -1 to 1, and not 0"));
        watch.Moved(id);        // before: whoever is gone when the device answers has it stopped, too
        return await FocusOrders.SendAsync(id, source => FocusMoves.Continuous(source, speed), new { speed }, context, devices, database, time, cancellationToken);
    }
}
