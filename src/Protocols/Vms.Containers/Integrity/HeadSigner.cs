using System.Security.Cryptography;

namespace Vms.Containers.Integrity;

/// <summary>Signs heads of chains with the installation's key (ECDSA P-256). One caller at a time.</summary>
/// <param name="key">Borrowed; with its private part.</param>
public sealed class HeadSigner(ECDsa key)
{
    private readonly byte[] _keyId = IntegrityKeys.IdOf(key);

    public ReadOnlySpan<byte> KeyId => _keyId;

    /// <summary>ECDSA with SHA-256 of anything else that the installation vouches for.</summary>
    internal byte[] SignText(ReadOnlySpan<byte> text) => key.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    internal void Sign(ReadOnlySpan<byte> chain, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[ChainLink.HashBytes];
        ChainLink.HashHead(chain, hash);
        if (!key.TrySignHash(hash, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out int written) || written != signature.Length)
            throw new CryptographicException("The key is not of P-256");
    }
}
