using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth.Oidc;
using Vms.Hosting;

namespace Vms.Control.Features.Session;

/// <summary>GET /api/auth/oidc/start: sends the browser to the organisation's identity provider. Open. Asked for JSON it only says whether there is one, for the sign-in page.</summary>
internal static partial class StartOidc
{
    /// <param name="Name">For the button; null where there is no provider.</param>
    public sealed record ProviderView(string? Name);

    public static void Map(RouteGroupBuilder auth) =>
        auth.MapGet("/oidc/start", Handle).WithName(nameof(StartOidc))
            .WithSummary("Sends a browser to the identity provider, which sends it back to the call-back. With Accept: application/json it says whether there is one.").AllowAnonymous()
            .Produces(302).ProducesProblem(404);

    private static async Task<Results<Ok<ProviderView>, RedirectHttpResult, ProblemHttpResult>> Handle(
        string? next, HttpContext context, OidcSignIn signIn, NodeKey key, TimeProvider time, ILogger<OidcSignIn> logger, CancellationToken cancellationToken)
    {
        if (context.Request.GetTypedHeaders().Accept.Any(a => a.MediaType == "application/json"))
            return TypedResults.Ok(new ProviderView(signIn.Options?.Name));
        if (signIn.Provider is not { } provider)
            return Problems.NotFound("ssoNotConfigured", "This installation has no identity provider");

        var attempt = OidcAttempt.Begin($"{context.Request.Scheme}://{context.Request.Host}{CompleteOidc.Path}", next, time.GetUtcNow());
        try
        {
            var address = await provider.SignInAddressAsync(attempt.Redirect, attempt.State, attempt.Nonce, attempt.Challenge, cancellationToken);
            // Lax: the provider's answer is a link from another site.
            context.Response.Cookies.Append(OidcAttempt.Cookie, attempt.Seal(key), new CookieOptions
            {
                HttpOnly = true,
                Secure = context.Request.IsHttps,
                SameSite = Microsoft.AspNetCore.Http.SameSiteMode.Lax,
                Path = CompleteOidc.Path,
                MaxAge = OidcAttempt.Lifetime,
                IsEssential = true,
            });
            return TypedResults.Redirect(address);
        }
        catch (OidcException e)
        {
            Log.Unavailable(logger, signIn.Options!.Name, e.Message);
            return TypedResults.Redirect(CompleteOidc.SignInPage(attempt.Next, e.Code));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1121, LogLevel.Error, "Nobody can sign in with {Provider}: {Reason}")]
        public static partial void Unavailable(ILogger logger, string provider, string reason);
    }
}
