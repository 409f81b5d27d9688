using System.Security.Cryptography;

namespace Vms.Containers.Integrity;

/// <summary>The public keys that heads of chains may be signed with: an installation's own, and those it had before. Any thread but for
/// verifying: one caller at a time.</summary>
public sealed class IntegrityKeys : IDisposable
{
    private readonly List<(byte[] Id, ECDsa Key)> _keys = [];

    /// <param name="pem">PUBLIC KEY blocks (RFC 7468); anything else in the text is passed over.</param>
    /// <exception cref="CryptographicException">There is none, or one is not an elliptic-curve key.</exception>
    public static IntegrityKeys FromPem(ReadOnlySpan<char> pem)
    {
        var keys = new IntegrityKeys();
        try
        {
            while (PemEncoding.TryFind(pem, out var fields))
            {
                if (pem[fields.Label] is "PUBLIC KEY") keys.Add(pem[fields.Location]);
                pem = pem[fields.Location.End..];
            }

            return keys._keys.Count > 0 ? keys : throw new CryptographicException("There is no PUBLIC KEY in the text");
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    /// <summary>The first bytes of the SHA-256 of the public part.</summary>
    public static byte[] IdOf(ECDsa key) => SHA256.HashData(key.ExportSubjectPublicKeyInfo())[..ChainLink.KeyIdBytes];

    public HeadSignature Check(in ChainLink link) => CheckHead(link.KeyId, link.Chain, link.Signature);

    internal HeadSignature CheckHead(ReadOnlySpan<byte> keyId, ReadOnlySpan<byte> chain, ReadOnlySpan<byte> signature)
    {
        foreach (var (id, key) in _keys)
        {
            if (!keyId.SequenceEqual(id)) continue;
            Span<byte> hash = stackalloc byte[ChainLink.HashBytes];
            ChainLink.HashHead(chain, hash);
            return key.VerifyHash(hash, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) ? HeadSignature.Good : HeadSignature.Bad;
        }

        return HeadSignature.UnknownKey;
    }

    /// <summary>Of any text, signed with SHA-256.</summary>
    internal HeadSignature Check(ReadOnlySpan<byte> keyId, ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        foreach (var (id, key) in _keys)
        {
            if (!keyId.SequenceEqual(id)) continue;
            return key.VerifyData(text, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                ? HeadSignature.Good : HeadSignature.Bad;
        }

        return HeadSignature.UnknownKey;
    }

    public void Dispose()
    {
        foreach (var (_, key) in _keys) key.Dispose();
    }

    private void Add(ReadOnlySpan<char> pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            _keys.Add((IdOf(key), key));
        }
        catch (ArgumentException e)
        {
            key.Dispose();
            throw new CryptographicException("The PUBLIC KEY is not an elliptic-curve key", e);
        }
    }
}

/// <summary>What a signed head turned out to be.</summary>
public enum HeadSignature
{
    Good,
    Bad,

    /// <summary>Signed by a key that is not among the known ones: another installation's, or a forger's.</summary>
    UnknownKey,
}
