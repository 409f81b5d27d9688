using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Hosting;

namespace Vms.Control.Features.Detections;

internal static class DetectionsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var detections = app.MapGroup("/api/detections").WithTags("Detections").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
        ListDetections.Map(detections);
        CountDetections.Map(detections);
        ReviewDetection.Map(detections);
        DeleteDetection.Map(detections);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("detectionNotFound", "There is no such detection");
}
