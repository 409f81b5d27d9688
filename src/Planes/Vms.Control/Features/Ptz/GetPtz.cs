using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Features.Device;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>GET /api/cameras/{id}/ptz: asks the device where it looks.</summary>
internal static class GetPtz
{
    /// <summary>Shares of what the mechanics can reach, 0..1; absent: it does not say.</summary>
    public sealed record Position(double? Pan, double? Tilt, double? Zoom);

    /// <param name="Move">Moves that go on until they are stopped.</param>
    /// <param name="Step">By a part of the range.</param>
    /// <param name="Position">To a place.</param>
    /// <param name="Centre">A point of the picture to its middle.</param>
    /// <param name="Zoom">It has a zoom.</param>
    public sealed record Abilities(bool Move, bool Step, bool Position, bool Centre, bool Zoom, bool Home, bool Presets);

    /// <param name="Until">Somebody else may take over then.</param>
    public sealed record Controller(string Username, DateTimeOffset Until);

    /// <param name="Controller">Who moves it; absent: nobody.</param>
    public sealed record Response(Position? Position, bool Moving, Abilities Can, Controller? Controller);

    public static void Map(RouteGroupBuilder ptz) =>
        ptz.MapGet("/", Handle).WithName(nameof(GetPtz)).WithSummary("Where the camera looks, how it can be moved and who moves it.").Needs(Permissions.PtzControl, Scope.Camera);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(string id, PtzControl control)
    {
        var session = control.Of(id);
        var (node, status, fault) = await session.ReadAsync();
        if (fault is not null || node is null)
            return (fault ?? DeviceFault.NoSuchCamera).ToProblem(DeviceFeature.Ptz);
        var position = status is null or { Pan: null, Tilt: null, Zoom: null } ? null : new Position(status.Pan, status.Tilt, status.Zoom);
        return TypedResults.Ok(new Response(
            position, status?.IsMoving ?? session.IsMoving, AbilitiesOf(node), session.Holder is { } holder ? new Controller(holder.Name, holder.Until) : null));
    }

    private static Abilities AbilitiesOf(PtzNode node) => new(
        node.Spaces.ContinuousPanTilt is not null || node.Spaces.ContinuousZoom is not null,
        node.Spaces.RelativePanTilt is not null || node.Spaces.RelativeZoom is not null,
        node.Spaces.AbsolutePanTilt is not null || node.Spaces.AbsoluteZoom is not null,
        node.Spaces.FieldOfView is not null,
        node.Spaces.ContinuousZoom is not null || node.Spaces.AbsoluteZoom is not null,
        node.HasHome,
        node.MaxPresets > 0);
}
