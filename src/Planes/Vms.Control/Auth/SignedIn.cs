namespace Vms.Control.Auth;

/// <summary>Who an access token speaks for. What they may do is not in it: a right that is taken away counts at once.</summary>
/// <param name="SignInId">The sign-in session the token was issued in; ending that ends the token too.</param>
internal sealed record SignedIn(Guid AccountId, string TenantId, string Username, Guid SignInId);
