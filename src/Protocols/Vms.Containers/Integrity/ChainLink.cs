using System.Security.Cryptography;

namespace Vms.Containers.Integrity;

/// <summary>
/// What binds a stored fragment to the one before it: the stream's chain up to there, the chain with it, and now and then a signature
/// over that. Whoever changes, removes, inserts or moves a fragment has to make every later link anew, and cannot sign it.
/// docs/design/integrity.md.
/// </summary>
/// <remarks>Borrows the `uuid` box that it stands in.</remarks>
public readonly ref struct ChainLink
{
    public const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>ECDSA P-256, r and s side by side (IEEE P1363).</summary>
    public const int SignatureBytes = 64;

    public const int KeyIdBytes = 8;

    /// <summary>Size in the box: previous chain, chain, key id, signature.</summary>
    internal const int Bytes = HashBytes + HashBytes + KeyIdBytes + SignatureBytes;

    private const byte LinkDomain = 3;
    private const byte HeadDomain = 4;

    private readonly ReadOnlySpan<byte> _bytes;

    internal ChainLink(ReadOnlySpan<byte> bytes, bool signed)
    {
        _bytes = bytes;
        IsSigned = signed;
    }

    /// <summary>Of the fragment before this one in the stream; zeros in front of the first.</summary>
    public ReadOnlySpan<byte> Previous => _bytes[..HashBytes];

    /// <summary>SHA-256 of 3, <see cref="Previous"/> and the fragment's <see cref="FragmentDigest"/>.</summary>
    public ReadOnlySpan<byte> Chain => ChainIn(_bytes);

    public bool IsSigned { get; }

    /// <summary>Which key signed: the first bytes of the SHA-256 of its public part (SubjectPublicKeyInfo).</summary>
    public ReadOnlySpan<byte> KeyId => _bytes.Slice(2 * HashBytes, KeyIdBytes);

    public ReadOnlySpan<byte> Signature => _bytes.Slice((2 * HashBytes) + KeyIdBytes, SignatureBytes);

    /// <summary>Whether <see cref="Chain"/> follows from <see cref="Previous"/> and this digest.</summary>
    public bool Holds(ReadOnlySpan<byte> digest)
    {
        Span<byte> chain = stackalloc byte[HashBytes];
        Compute(Previous, digest, chain);
        return chain.SequenceEqual(Chain);
    }

    /// <summary>What is signed of a head: SHA-256 of 4 and the chain.</summary>
    internal static void HashHead(ReadOnlySpan<byte> chain, Span<byte> hash)
    {
        Span<byte> head = stackalloc byte[1 + HashBytes];
        head[0] = HeadDomain;
        chain.CopyTo(head[1..]);
        SHA256.HashData(head, hash);
    }

    /// <param name="link">Room for <see cref="Bytes"/>.</param>
    internal static void Write(Span<byte> link, ReadOnlySpan<byte> previous, ReadOnlySpan<byte> digest, HeadSigner? signer)
    {
        link.Clear();
        previous.CopyTo(link);
        Compute(previous, digest, link.Slice(HashBytes, HashBytes));
        if (signer is null) return;
        signer.KeyId.CopyTo(link[(2 * HashBytes)..]);
        signer.Sign(ChainIn(link), link.Slice((2 * HashBytes) + KeyIdBytes, SignatureBytes));
    }

    internal static ReadOnlySpan<byte> ChainIn(ReadOnlySpan<byte> link) => link.Slice(HashBytes, HashBytes);

    /// <param name="chain">32 bytes; may be where <paramref name="previous"/> is.</param>
    internal static void Compute(ReadOnlySpan<byte> previous, ReadOnlySpan<byte> digest, Span<byte> chain)
    {
        Span<byte> input = stackalloc byte[1 + HashBytes + HashBytes];
        input[0] = LinkDomain;
        previous.CopyTo(input[1..]);
        digest.CopyTo(input[(1 + HashBytes)..]);
        SHA256.HashData(input, chain);
    }
}
