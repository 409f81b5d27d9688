using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Cameras;

internal static class CamerasRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var cameras = app.MapGroup("/api/cameras").WithTags("Cameras").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListCameras.Map(cameras);
        GetCamera.Map(cameras);
        AddCamera.Map(cameras);
        OnboardCamera.Map(cameras);
        OnboardMany.Map(cameras);
        TestCamera.Map(cameras);
        ReplaceCamera.Map(cameras);
        PatchCamera.Map(cameras);
        PatchCameras.Map(cameras);
        DryRunAnalytics.Map(cameras);
        ImportCameras.Map(cameras);
        ExportCameras.Map(cameras);
        DeleteCamera.Map(cameras);
    }
}
