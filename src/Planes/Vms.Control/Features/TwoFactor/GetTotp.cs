using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;

namespace Vms.Control.Features.TwoFactor;

/// <summary>GET /api/auth/totp: whether one's own account has a second factor. Never the secret.</summary>
internal static class GetTotp
{
    public static void Map(RouteGroupBuilder totp) =>
        totp.MapGet("/", Handle).WithName(nameof(GetTotp)).WithSummary("Whether one's own account has a second factor, and how many recovery codes are left.");

    private static async Task<Ok<SecondFactorState>> Handle(HttpContext context, SecondFactors factors, CancellationToken cancellationToken) =>
        TypedResults.Ok(await factors.StateAsync(Caller.Of(context).Principal!.Id, cancellationToken));
}
