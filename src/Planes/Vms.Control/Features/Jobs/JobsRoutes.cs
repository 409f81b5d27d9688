using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Hosting;

namespace Vms.Control.Features.Jobs;

/// <summary>Everything under /api/jobs. One sees one's own; with the right to read jobs of the whole tenant, everybody's of it.</summary>
internal static class JobsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var jobs = app.MapGroup("/api/jobs").WithTags("Jobs").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
        ListJobs.Map(jobs);
        GetJob.Map(jobs);
        StartJob.Map(jobs);
        CancelJob.Map(jobs);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("jobNotFound", "There is no such job");
}
