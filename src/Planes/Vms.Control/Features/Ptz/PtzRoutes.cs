using Vms.Control.Auth;
using Vms.Control.FrontDoor.Limits;

namespace Vms.Control.Features.Ptz;

internal static class PtzRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var ptz = app.MapGroup("/api/cameras/{id}/ptz").WithTags("PTZ").ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409)
            .ProducesProblem(502).ProducesProblem(503);
        GetPtz.Map(ptz);
        MovePtz.Map(ptz);
        StopPtz.Map(ptz);
        StepPtz.Map(ptz);
        PositionPtz.Map(ptz);
        CentrePtz.Map(ptz);
        HomePtz.Map(ptz);
        ListPresets.Map(ptz);
        AddPreset.Map(ptz);
        GoToPreset.Map(ptz);
        StorePreset.Map(ptz);
        RenamePreset.Map(ptz);
        DeletePreset.Map(ptz);
    }

    /// <summary>Whoever holds a key down says so several times a second: not a change of anything that is kept.</summary>
    public static RouteHandlerBuilder Moves(this RouteHandlerBuilder endpoint) => endpoint.Needs(Permissions.PtzControl, Scope.Camera).CountsAs(RateClass.Event);
}
