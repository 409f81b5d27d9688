namespace Vms.Containers.Integrity;

/// <summary>What leads from the last fragment of an export to the next signed head of its stream: a part that was cut out between two signatures is vouched
/// for by the second one, at 32 bytes for each fragment that is not in it.</summary>
/// <param name="Digests">Of the fragments that follow, up to the signed one; lower-case hexadecimal.</param>
/// <param name="KeyId">Which key signed.</param>
public sealed record ChainTail(IReadOnlyList<string> Digests, string KeyId, string Signature)
{
    /// <summary>A recorder signs every ten seconds; MJPEG has a picture a fragment.</summary>
    public const int MaxDigests = 2000;

    /// <param name="chain">With the last fragment of the part.</param>
    public HeadSignature Check(ReadOnlySpan<byte> chain, IntegrityKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (Digests.Count > MaxDigests || chain.Length != ChainLink.HashBytes) return HeadSignature.Bad;
        Span<byte> head = stackalloc byte[ChainLink.HashBytes];
        chain.CopyTo(head);
        try
        {
            foreach (string digest in Digests) ChainLink.Compute(head, Convert.FromHexString(digest), head);
            return keys.CheckHead(Convert.FromHexString(KeyId), head, Convert.FromHexString(Signature));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return HeadSignature.Bad;
        }
    }
}
