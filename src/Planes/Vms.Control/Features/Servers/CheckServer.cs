using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Federation;

namespace Vms.Control.Features.Servers;

/// <summary>POST /api/servers/{id}/check: asks it now.</summary>
internal static class CheckServer
{
    public static void Map(RouteGroupBuilder servers) =>
        servers.MapPost("/{id}/check", HandleAsync).WithName(nameof(CheckServer)).WithSummary("Ask another server now whether it is there.").Needs(Permissions.SystemRead, Scope.Tenant).ProducesProblem(404);

    private static async Task<Results<Ok<ServerView>, ProblemHttpResult>> HandleAsync(string id, ServerDirectory directory, CancellationToken cancellationToken) =>
        directory.Find(id) is { } peer ? TypedResults.Ok(ServerView.Of(peer.Row, await directory.CheckAsync(peer, cancellationToken))) : ServerRules.NotFound();
}
