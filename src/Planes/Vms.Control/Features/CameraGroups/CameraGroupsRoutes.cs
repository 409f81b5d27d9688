using Vms.Control.FrontDoor;

namespace Vms.Control.Features.CameraGroups;

/// <summary>Everything under /api/groups.</summary>
internal static class CameraGroupsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var groups = app.MapGroup("/api/groups").WithTags("Camera groups").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListCameraGroups.Map(groups);
        AddCameraGroup.Map(groups);
        PatchCameraGroup.Map(groups);
        DeleteCameraGroup.Map(groups);
    }
}
