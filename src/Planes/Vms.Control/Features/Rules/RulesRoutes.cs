using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Rules;

internal static class RulesRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var rules = app.MapGroup("/api/rules").WithTags("Rules").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListRules.Map(rules);
        GetRule.Map(rules);
        AddRule.Map(rules);
        PatchRule.Map(rules);
        DeleteRule.Map(rules);
        DryRunRule.Map(rules);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("ruleNotFound", "There is no such rule");
}
