using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Clips;

internal static class ClipsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var clips = app.MapGroup("/api/clips").WithTags("Clips").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListClips.Map(clips);
        GetClip.Map(clips);
        AddClip.Map(clips);
        PatchClip.Map(clips);
        DeleteClip.Map(clips);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("clipNotFound", "There is no such clip");
}
