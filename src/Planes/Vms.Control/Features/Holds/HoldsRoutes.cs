using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Hosting;

namespace Vms.Control.Features.Holds;

internal static class HoldsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var holds = app.MapGroup("/api/holds").WithTags("Holds").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
        ListHolds.Map(holds);
        MakeHold.Map(holds);
        LiftHold.Map(holds);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("holdNotFound", "There is no such hold in force");
}
