using System.Security.Cryptography;

namespace Vms.Containers.Integrity;

/// <summary>Signs heads of chains with the installation's key (ECDSA P-256). Any thread.</summary>
/// <param name="key">Borrowed; with its private part.</param>
public sealed class HeadSigner(ECDsa key)
{
    private readonly Lock _gate = new();
    private readonly byte[] _keyId = IntegrityKeys.IdOf(key);

    public ReadOnlySpan<byte> KeyId => _keyId;

    /// <summary>ECDSA with SHA-256 of anything else that the installation vouches for.</summary>
    internal byte[] SignText(ReadOnlySpan<byte> text)
    {
        lock (_gate) return key.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    internal void Sign(ReadOnlySpan<byte> chain, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[ChainLink.HashBytes];
        ChainLink.HashHead(chain, hash);
        lock (_gate)
        {
            if (!key.TrySignHash(hash, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out int written) || written != signature.Length)
                throw new CryptographicException("The key is not of P-256");
        }
    }
}
