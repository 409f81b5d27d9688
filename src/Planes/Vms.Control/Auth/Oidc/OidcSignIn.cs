namespace Vms.Control.Auth.Oidc;

/// <summary>The organisation's identity provider, where there is one.</summary>
internal sealed class OidcSignIn : IDisposable
{
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">A setting cannot be used; the message names the key.</exception>
    public OidcSignIn(IConfiguration configuration, TimeProvider time)
    {
        Options = OidcOptions.From(configuration);
        Provider = Options is null ? null : new OidcProvider(Options, time);
    }

    public OidcOptions? Options { get; }

    public OidcProvider? Provider { get; }

    public void Dispose() => Provider?.Dispose();
}
