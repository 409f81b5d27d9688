using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Federation;

namespace Vms.Control.Features.Servers;

/// <summary>GET /api/servers/{id}.</summary>
internal static class GetServer
{
    public static void Map(RouteGroupBuilder servers) =>
        servers.MapGet("/{id}", Handle).WithName(nameof(GetServer)).WithSummary("Get another server.").Needs(Permissions.SystemRead, Scope.Tenant).ProducesProblem(404);

    private static Results<Ok<ServerView>, ProblemHttpResult> Handle(string id, ServerDirectory directory) =>
        directory.Find(id) is { } peer ? TypedResults.Ok(ServerView.Of(peer.Row, directory.StateOf(id))) : ServerRules.NotFound();
}
