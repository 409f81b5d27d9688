using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vms.WebRtc.Srtp;

/// <summary>AES128_CM_SHA1_80: AES counter mode (RFC 3711 §4.1.1) and HMAC-SHA1 cut to 10 bytes (§4.2).</summary>
internal sealed class SrtpCounterModeTransform(AesCounterMode cipher, byte[] salt, byte[] authenticationKey) : SrtpTransform
{
    private const int Tag = 10;
    private const int RtcpHeaderLength = 8;
    private const int RtcpIndexLength = 4;      // E bit and index stand before the tag
    private readonly IncrementalHash _mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, authenticationKey);

    public override int TagLength => Tag;

    public override int ProtectRtp(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, uint ssrc, ulong index)
    {
        Span<byte> counter = stackalloc byte[16];
        Counter(counter, ssrc, index);
        int length = headerLength + payload.Length;
        cipher.Apply(counter, payload, packet[headerLength..length]);

        // The roll-over counter is authenticated behind the packet without being sent (§4.2).
        BinaryPrimitives.WriteUInt32BigEndian(packet[length..], (uint)(index >> 16));
        Sign(packet[..(length + 4)], packet.Slice(length, Tag));
        return length + Tag;
    }

    public override int ProtectRtcp(Span<byte> packet, int length, uint ssrc, uint index)
    {
        Span<byte> counter = stackalloc byte[16];
        Counter(counter, ssrc, index);
        var body = packet[RtcpHeaderLength..length];
        cipher.Apply(counter, body, body);
        BinaryPrimitives.WriteUInt32BigEndian(packet[length..], 0x8000_0000 | index);
        int covered = length + RtcpIndexLength;
        Sign(packet[..covered], packet.Slice(covered, Tag));
        return covered + Tag;
    }

    public override bool TryUnprotectRtcp(Span<byte> packet, uint ssrc, uint index, out int length)
    {
        int covered = packet.Length - Tag;
        length = covered - RtcpIndexLength;
        if (length < RtcpHeaderLength)
            return false;

        Span<byte> tag = stackalloc byte[Tag];
        Sign(packet[..covered], tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, packet[covered..]))
            return false;

        Span<byte> counter = stackalloc byte[16];
        Counter(counter, ssrc, index);
        var body = packet[RtcpHeaderLength..length];
        cipher.Apply(counter, body, body);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        cipher.Dispose();
        _mac.Dispose();
    }

    /// <param name="covered">May end with bytes that <paramref name="tag"/> then overwrites.</param>
    /// <param name="tag">10 bytes.</param>
    private void Sign(ReadOnlySpan<byte> covered, Span<byte> tag)
    {
        Span<byte> hash = stackalloc byte[20];
        _mac.AppendData(covered);
        _mac.GetHashAndReset(hash);
        hash[..Tag].CopyTo(tag);
    }

    /// <summary>§4.1.1: (salt · 2^16) XOR (SSRC · 2^64) XOR (index · 2^16); the last two bytes count blocks.</summary>
    private void Counter(Span<byte> counter, uint ssrc, ulong index)
    {
        counter.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(counter[4..], ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(counter[8..], index << 16);
        for (int i = 0; i < 14; i++)
            counter[i] ^= salt[i];
    }
}
