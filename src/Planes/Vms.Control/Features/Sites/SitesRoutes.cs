using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Sites;

/// <summary>Everything under /api/sites.</summary>
internal static class SitesRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var sites = app.MapGroup("/api/sites").WithTags("Sites").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListSites.Map(sites);
        GetSite.Map(sites);
        AddSite.Map(sites);
        PatchSite.Map(sites);
        DeleteSite.Map(sites);
    }
}
