using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Hosting;

namespace Vms.Control.Features.TwoFactor;

/// <summary>POST /api/auth/totp: a secret for the app. It counts when a code of it was confirmed; asked again there is another one.</summary>
internal static class EnrolTotp
{
    /// <param name="Secret">Base32, to be typed.</param>
    /// <param name="Uri">otpauth://, to be shown as a QR code.</param>
    public sealed record Response(string Secret, string Uri);

    public static void Map(RouteGroupBuilder totp) =>
        totp.MapPost("/", Handle).WithName(nameof(EnrolTotp)).WithSummary("Get a secret for an authenticator app; a confirmed code switches it on.").ProducesProblem(409);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(HttpContext context, SecondFactors factors, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        return await factors.EnrolAsync(caller.Principal!.Id, cancellationToken) is { } secret
            ? TypedResults.Ok(new Response(Totp.Base32(secret), Totp.UriOf(secret, caller.Name)))
            : Problems.Of(StatusCodes.Status409Conflict, "totpOn", "The account has a second factor already", "Switch it off first.");
    }
}
