using Vms.Control.Auth;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Layouts;

/// <summary>Everything under /api/layouts. Whoever watches has layouts of their own; sharing them needs more, which the operations check.</summary>
internal static class LayoutsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var layouts = app.MapGroup("/api/layouts").WithTags("Layouts").Needs(Permissions.LiveView).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListLayouts.Map(layouts);
        AddLayout.Map(layouts);
        PatchLayout.Map(layouts);
        DeleteLayout.Map(layouts);
    }
}
