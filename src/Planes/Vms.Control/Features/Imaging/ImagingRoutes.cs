namespace Vms.Control.Features.Imaging;

internal static class ImagingRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var imaging = app.MapGroup("/api/cameras/{id}/imaging").WithTags("Imaging").ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409)
            .ProducesProblem(502).ProducesProblem(503);
        GetImaging.Map(imaging);
        PatchImaging.Map(imaging);
        MoveFocus.Map(imaging);
        StopFocus.Map(imaging);
    }
}
