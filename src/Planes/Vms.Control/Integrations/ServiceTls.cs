using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vms.Control.Integrations;

/// <summary>Whether a service's certificate is one to trust: of the authority that the operator named, or of those that this machine trusts.</summary>
internal static class ServiceTls
{
    /// <param name="caPem">Null: those that this machine trusts.</param>
    /// <returns>For a TLS handshake to call.</returns>
    public static RemoteCertificateValidationCallback Validation(string? caPem) => (_, certificate, chain, errors) => IsTrusted(caPem, certificate, chain, errors);

    public static bool IsTrusted(string? caPem, X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors)
    {
        if (caPem is null)
            return errors == SslPolicyErrors.None;
        // The name has to be right in any case; that the chain ends with nobody this machine knows is what the authority is named for.
        if (certificate is not X509Certificate2 shown || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(caPem);
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(shown);
    }

    /// <summary>One certificate at least.</summary>
    public static bool IsReadable(string pem)
    {
        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPem(pem);
            return found.Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
