using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Federation;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Servers;

/// <summary>GET /api/servers: this one first, then by name. All at once: there are at most <see cref="ServerRow.MaxServers"/> others.</summary>
internal static class ListServers
{
    public static void Map(RouteGroupBuilder servers) =>
        servers.MapGet("/", Handle).WithName(nameof(ListServers)).WithSummary("List the servers: this one, and the others that it asks.").Needs(Permissions.SystemRead, Scope.Tenant);

    private static Ok<Page<ServerView>> Handle(HttpContext context, ServerDirectory directory, DesiredState desired, TimeProvider time)
    {
        var here = GetHere.Of(context, directory, desired);
        return TypedResults.Ok(new Page<ServerView>(
            [
                new ServerView(ServerRow.HereId, here.Name, null, null, "here", null, null, time.GetUtcNow(), here.Version, here.Cameras, 0),
                .. directory.Peers.Select(p => ServerView.Of(p.Row, directory.StateOf(p.Row.Id))),
            ],
            null));
    }
}
