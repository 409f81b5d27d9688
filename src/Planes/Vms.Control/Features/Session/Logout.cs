using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;

namespace Vms.Control.Features.Session;

/// <summary>POST /api/auth/logout: ends the sign-in with all its tokens, at once.</summary>
internal static class Logout
{
    public static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/logout", Handle).WithName(nameof(Logout)).WithSummary("End the sign-in with all its tokens.").NeedsSignIn().ProducesProblem(401);

    private static async Task<NoContent> Handle(HttpContext context, SignIns signIns, CancellationToken cancellationToken)
    {
        await signIns.EndAsync(Caller.Of(context).SignInId!.Value, cancellationToken);
        return TypedResults.NoContent();
    }
}
