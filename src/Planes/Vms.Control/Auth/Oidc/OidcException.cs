namespace Vms.Control.Auth.Oidc;

/// <summary>A sign-in with the identity provider that did not end well.</summary>
/// <param name="code">Stable, for the sign-in page: <c>ssoUnavailable</c> (try again), <c>ssoRefused</c> (the provider said no), <c>ssoFailed</c> (an answer that must
/// not be believed), <c>ssoExpired</c> (begun too long ago, or in another browser), <c>ssoNoRole</c>, <c>ssoDisabled</c>, <c>ssoNameTaken</c>.</param>
/// <param name="message">For the log: what was wrong. Holds no token and no code.</param>
internal sealed class OidcException(string code, string message, Exception? cause = null) : Exception(message, cause)
{
    public string Code { get; } = code;
}
