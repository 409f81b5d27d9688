using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vms.WebRtc.Srtp;

/// <summary>AEAD_AES_128_GCM (RFC 7714): the header is authenticated as associated data, the tag follows the ciphertext.</summary>
internal sealed class SrtpGcmTransform(byte[] key, byte[] salt, Func<byte[], SrtpGcmEncryptor> encryptor) : SrtpTransform
{
    private const int Tag = SrtpGcmEncryptor.TagLength;
    private const int NonceLength = SrtpGcmEncryptor.NonceLength;
    private const int RtcpHeaderLength = 8;         // first header word and SSRC stay readable (§9.2)
    private const int RtcpIndexLength = 4;          // E bit and index, after the tag
    // One direction each: who sends never decrypts.
    private SrtpGcmEncryptor? _encryptor;
    private AesGcm? _decryptor;

    public override int TagLength => Tag;

    private SrtpGcmEncryptor Encryptor => _encryptor ??= encryptor(key);

    private AesGcm Decryptor => _decryptor ??= new AesGcm(key, Tag);

    public override int ProtectRtp(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, uint ssrc, ulong index)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        RtpNonce(nonce, ssrc, index);
        var body = packet.Slice(headerLength, payload.Length);
        Encryptor.Encrypt(nonce, payload, body, packet.Slice(headerLength + payload.Length, Tag), packet[..headerLength]);
        return headerLength + payload.Length + Tag;
    }

    public override int ProtectRtcp(Span<byte> packet, int length, uint ssrc, uint index)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        RtcpNonce(nonce, ssrc, index);
        BinaryPrimitives.WriteUInt32BigEndian(packet[(length + Tag)..], 0x8000_0000 | index);

        Span<byte> associated = stackalloc byte[RtcpHeaderLength + RtcpIndexLength];
        Associated(associated, packet, packet.Slice(length + Tag, RtcpIndexLength));
        var body = packet[RtcpHeaderLength..length];
        Encryptor.Encrypt(nonce, body, body, packet.Slice(length, Tag), associated);
        return length + Tag + RtcpIndexLength;
    }

    public override bool TryUnprotectRtcp(Span<byte> packet, uint ssrc, uint index, out int length)
    {
        length = packet.Length - Tag - RtcpIndexLength;
        if (length < RtcpHeaderLength)
            return false;

        Span<byte> nonce = stackalloc byte[NonceLength];
        RtcpNonce(nonce, ssrc, index);
        Span<byte> associated = stackalloc byte[RtcpHeaderLength + RtcpIndexLength];
        Associated(associated, packet, packet[^RtcpIndexLength..]);
        var body = packet[RtcpHeaderLength..length];
        return TryDecrypt(nonce, body, packet.Slice(length, Tag), associated);
    }

    protected override void Dispose(bool disposing)
    {
        _encryptor?.Dispose();
        _decryptor?.Dispose();
    }

    // AesGcm reports a wrong tag only by exception. Forged RTCP from a validated address is rare; it is counted by the caller.
    private bool TryDecrypt(ReadOnlySpan<byte> nonce, Span<byte> body, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> associated)
    {
        try
        {
            Decryptor.Decrypt(nonce, body, tag, body, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private static void Associated(Span<byte> associated, ReadOnlySpan<byte> packet, ReadOnlySpan<byte> indexWord)
    {
        packet[..RtcpHeaderLength].CopyTo(associated);
        indexWord.CopyTo(associated[RtcpHeaderLength..]);
    }

    /// <summary>§8.1: two zero bytes, SSRC, roll-over counter, sequence number, XOR salt.</summary>
    private void RtpNonce(Span<byte> nonce, uint ssrc, ulong index)
    {
        BinaryPrimitives.WriteUInt16BigEndian(nonce, 0);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[2..], ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[6..], (uint)(index >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(nonce[10..], (ushort)index);
        XorSalt(nonce);
    }

    /// <summary>§9.1: two zero bytes, SSRC, two zero bytes, index, XOR salt.</summary>
    private void RtcpNonce(Span<byte> nonce, uint ssrc, uint index)
    {
        BinaryPrimitives.WriteUInt16BigEndian(nonce, 0);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[2..], ssrc);
        BinaryPrimitives.WriteUInt16BigEndian(nonce[6..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], index);
        XorSalt(nonce);
    }

    private void XorSalt(Span<byte> nonce)
    {
        for (int i = 0; i < NonceLength; i++)
            nonce[i] ^= salt[i];
    }
}
