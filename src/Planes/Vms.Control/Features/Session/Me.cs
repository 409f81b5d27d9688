using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;

namespace Vms.Control.Features.Session;

/// <summary>GET /api/auth/me: who the token speaks for, and what they may do.</summary>
internal static class Me
{
    public sealed record Response(Guid Id, string Username, string Role, IReadOnlyList<string> Permissions);

    public static void Map(RouteGroupBuilder auth) =>
        auth.MapGet("/me", Handle).WithName(nameof(Me)).WithSummary("Who the token speaks for and what they may do.").RequireAuthorization().ProducesProblem(401);

    private static Ok<Response> Handle(HttpContext context)
    {
        var user = SignedIn.From(context.User)!;
        return TypedResults.Ok(new Response(user.AccountId, user.Username, user.Role, Role.PermissionsOf(user.Role)));
    }
}
