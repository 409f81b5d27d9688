namespace Vms.Control.Features.Recording;

internal static class ManualRecordingRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var cameras = app.MapGroup("/api/cameras").WithTags("Recording").ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
        StartRecording.Map(cameras);
        StopRecording.Map(cameras);
    }
}
