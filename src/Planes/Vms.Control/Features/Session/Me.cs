using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Session;

/// <summary>GET /api/auth/me: who the credential speaks for, and what they may do.</summary>
internal static class Me
{
    /// <param name="Role">The built-in role for the whole tenant that says most; empty when there is none.</param>
    /// <param name="Permissions">What holds for something at least; Scopes says for what.</param>
    public sealed record Response(
        Guid Id, string Username, string Role, string TenantId, [property: NamesPermissions] IReadOnlyList<string> Permissions, IReadOnlyList<ScopeView> Scopes);

    public static void Map(RouteGroupBuilder auth) =>
        auth.MapGet("/me", Handle).WithName(nameof(Me)).WithSummary("Who the credential speaks for and what they may do.").NeedsCredential().ProducesProblem(401);

    private static Ok<Response> Handle(HttpContext context)
    {
        var who = Caller.Of(context).Principal!;
        return TypedResults.Ok(new Response(who.Id, who.Name, who.Role, who.TenantId, who.Rights.Anywhere.Names(), who.Rights.Scopes()));
    }
}
