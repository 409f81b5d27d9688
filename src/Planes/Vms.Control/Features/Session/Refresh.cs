using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.FrontDoor.Limits;
using Vms.Hosting;

namespace Vms.Control.Features.Session;

/// <summary>POST /api/auth/refresh: the next pair of tokens. Each refresh token works once; a second use ends the sign-in. Open.</summary>
internal static class Refresh
{
    public sealed record Request(string? RefreshToken);

    public static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/refresh", Handle).WithName(nameof(Refresh)).WithSummary("Swap a refresh token for the next pair of tokens. A second use of the same token ends the sign-in.").AllowAnonymous().CountsAs(RateClass.Refresh).ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);

    private static async Task<Results<Ok<TokenView>, ProblemHttpResult>> Handle(
        Request request, SignIns signIns, RateLimits limits, HttpContext context, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.RefreshToken) || request.RefreshToken.Length > 256)
            return Problems.Fields(new FieldProblem("refreshToken", "required", "The refresh token is missing"));
        if (limits.TakeRefresh(context, request.RefreshToken) is { } tooMany)
            return tooMany;
        return await signIns.RefreshAsync(request.RefreshToken, cancellationToken) is { } tokens
            ? TypedResults.Ok(tokens)
            : Problems.Of(StatusCodes.Status401Unauthorized, "invalidRefreshToken", "The refresh token is no longer valid", "Sign in again.");
    }
}
