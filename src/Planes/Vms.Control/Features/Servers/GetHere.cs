using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Federation;

namespace Vms.Control.Features.Servers;

/// <summary>GET /api/servers/here: what this installation is called, for others that show its cameras.</summary>
internal static class GetHere
{
    private static readonly string s_version = typeof(GetHere).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static void Map(RouteGroupBuilder servers) =>
        servers.MapGet("/here", Handle).WithName(nameof(GetHere)).WithSummary("Get this server's name and version.").Needs(Permissions.CamerasRead, Scope.Cameras);

    public static HereView Of(HttpContext context, ServerDirectory directory) => new(directory.Here.Name, s_version, Caller.Of(context).Rights.Cameras.Count);

    private static Ok<HereView> Handle(HttpContext context, ServerDirectory directory) => TypedResults.Ok(Of(context, directory));
}
