using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

internal static class CameraProblems
{
    public static ProblemHttpResult NotFound() => Problems.NotFound("cameraNotFound", "There is no such camera");

    public static ProblemHttpResult UnknownSite() => Problems.Fields(new FieldProblem("siteId", "siteNotFound", "There is no such site"));
}
