namespace Vms.Control.Features.Relays;

internal static class RelaysRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var relays = app.MapGroup("/api/cameras/{id}/relays").WithTags("Relays").ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409)
            .ProducesProblem(502).ProducesProblem(503);
        ListRelays.Map(relays);
        SwitchRelay.Map(relays);
    }
}
