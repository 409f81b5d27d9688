using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Federation;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Servers;

/// <summary>GET /api/servers/here: what this installation is called, for others that show its cameras.</summary>
internal static class GetHere
{
    private static readonly string s_version = typeof(GetHere).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static void Map(RouteGroupBuilder servers) =>
        servers.MapGet("/here", Handle).WithName(nameof(GetHere)).WithSummary("Get this server's name and version.").Needs(Permissions.CamerasRead, Scope.Cameras);

    /// <summary>Its cameras are those that the caller sees; deleted ones, whose recordings they still see, are none.</summary>
    public static HereView Of(HttpContext context, ServerDirectory directory, DesiredState desired)
    {
        var rights = Caller.Of(context).Rights;
        return new HereView(directory.Here.Name, s_version, (desired.Cameras?.Keys ?? []).Count(id => rights.Allows(Permissions.CamerasRead, id)));
    }

    private static Ok<HereView> Handle(HttpContext context, ServerDirectory directory, DesiredState desired) => TypedResults.Ok(Of(context, directory, desired));
}
