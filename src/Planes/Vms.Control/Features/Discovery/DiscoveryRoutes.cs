namespace Vms.Control.Features.Discovery;

internal static class DiscoveryRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var discovery = app.MapGroup("/api/discovery").WithTags("Discovery").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
        StartScan.Map(discovery);
        GetScan.Map(discovery);
    }
}
