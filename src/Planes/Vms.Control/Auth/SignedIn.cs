using System.Security.Claims;

namespace Vms.Control.Auth;

/// <summary>Who an access token speaks for.</summary>
/// <param name="SignInId">The sign-in session the token was issued in; ending that ends the token too.</param>
internal sealed record SignedIn(Guid AccountId, string Username, string Role, Guid SignInId)
{
    private const string AccountClaim = "sub";
    private const string SignInClaim = "sid";

    public ClaimsPrincipal ToPrincipal() => new(new ClaimsIdentity(
        [
            new Claim(AccountClaim, AccountId.ToString()),
            new Claim(ClaimTypes.Name, Username),
            new Claim(ClaimTypes.Role, Role),
            new Claim(SignInClaim, SignInId.ToString()),
        ],
        CredentialHandler.SchemeName));

    /// <summary>Null for a ticket or for nobody.</summary>
    public static SignedIn? From(ClaimsPrincipal principal) =>
        principal.FindFirstValue(AccountClaim) is { } account && principal.FindFirstValue(SignInClaim) is { } signIn
            ? new SignedIn(Guid.Parse(account), principal.FindFirstValue(ClaimTypes.Name)!, principal.FindFirstValue(ClaimTypes.Role)!, Guid.Parse(signIn))
            : null;
}
