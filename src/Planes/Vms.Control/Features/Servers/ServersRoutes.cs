using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Servers;

/// <summary>Everything under /api/servers and /api/federated.</summary>
internal static class ServersRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var servers = app.MapGroup("/api/servers").WithTags("Servers").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListServers.Map(servers);
        GetHere.Map(servers);
        GetServer.Map(servers);
        AddServer.Map(servers);
        PatchServer.Map(servers);
        DeleteServer.Map(servers);
        CheckServer.Map(servers);
        var federated = app.MapGroup("/api/federated").WithTags("Federated").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
        ListFederatedCameras.Map(federated);
        ListFederatedEvents.Map(federated);
        StartFederatedLive.Map(federated);
        StartFederatedPlayback.Map(federated);
    }
}
