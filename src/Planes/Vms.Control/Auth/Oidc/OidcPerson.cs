namespace Vms.Control.Auth.Oidc;

/// <summary>Whom the provider vouches for.</summary>
/// <param name="Subject">Who it is, for ever and with this provider alone.</param>
/// <param name="Names">What they may be called here, best first; not unique, and not theirs for ever.</param>
/// <param name="Groups">As the provider writes them.</param>
internal sealed record OidcPerson(string Subject, IReadOnlyList<string> Names, IReadOnlyList<string> Groups);
