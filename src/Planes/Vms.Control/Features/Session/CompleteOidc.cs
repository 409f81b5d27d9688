using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Auth.Oidc;
using Vms.Control.Features.Limits;
using Vms.Hosting;

namespace Vms.Control.Features.Session;

/// <summary>
/// GET /api/auth/oidc/callback: the browser comes back from the identity provider. It is sent on to the sign-in page with a refresh token behind '#', which reaches no server's
/// log, is good for a minute and for one use: the page swaps it for the real ones. Open.
/// </summary>
internal static partial class CompleteOidc
{
    public const string Path = "/api/auth/oidc/callback";

    private const int MaxLength = 4096;

    public static void Map(RouteGroupBuilder auth) =>
        auth.MapGet("/oidc/callback", Handle).WithName(nameof(CompleteOidc)).WithSummary("Where the identity provider sends the browser back to.").AllowAnonymous()
            .Produces(302).ProducesProblem(404);

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Handle(
        string? code, string? state, string? error, string? iss, HttpContext context, OidcSignIn signIn, OidcAccounts accounts, SignIns signIns, NodeKey key,
        TimeProvider time, ILogger<OidcSignIn> logger, CancellationToken cancellationToken)
    {
        if (signIn.Provider is not { } provider)
            return Problems.NotFound("ssoNotConfigured", "This installation has no identity provider");

        var attempt = OidcAttempt.Open(context.Request.Cookies[OidcAttempt.Cookie], state, key, time.GetUtcNow());
        context.Response.Cookies.Delete(OidcAttempt.Cookie, new CookieOptions { Path = Path });
        var address = context.RemoteAddress();
        try
        {
            if (attempt is null)
                throw new OidcException("ssoExpired", "The answer is to no sign-in that this browser began in the last ten minutes");
            if (error is not null)
                throw new OidcException("ssoRefused", $"The provider answered '{(error.Length > 100 ? error[..100] : error)}'");
            if (code is not { Length: > 0 and <= MaxLength })
                throw new OidcException("ssoFailed", "The provider's answer holds no code");
            var person = await provider.RedeemAsync(code, attempt.Verifier, attempt.Redirect, attempt.Nonce, iss, cancellationToken);
            var account = await accounts.SignInAsync(person, signIn.Options!, address, cancellationToken);
            var token = await signIns.HandOverAsync(account, address, context.Request.Headers.UserAgent.ToString(), cancellationToken);
            return TypedResults.Redirect($"{SignInPage(attempt.Next, null)}#token={token}");
        }
        catch (LimitReachedException e)
        {
            Log.NotSignedIn(logger, signIn.Options!.Name, address, e.Message);
            return TypedResults.Redirect(SignInPage(attempt?.Next, "limitReached"));
        }
        catch (OidcException e)
        {
            Log.NotSignedIn(logger, signIn.Options!.Name, address, e.Message);
            return TypedResults.Redirect(SignInPage(attempt?.Next, e.Code));
        }
    }

    /// <summary>Of the web client, which says what went wrong.</summary>
    public static string SignInPage(string? next, string? problem) =>
        $"/login?next={Uri.EscapeDataString(next ?? "/")}{(problem is null ? "" : "&problem=" + problem)}";

    private static partial class Log
    {
        [LoggerMessage(1122, LogLevel.Warning, "Sign-in with {Provider} from {Address} refused: {Reason}")]
        public static partial void NotSignedIn(ILogger logger, string provider, string address, string reason);
    }
}
