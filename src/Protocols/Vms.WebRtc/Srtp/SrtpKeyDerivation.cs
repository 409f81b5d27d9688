using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vms.WebRtc.Srtp;

/// <summary>Labels of the session keys (RFC 3711 §4.3.1, §4.3.2).</summary>
internal enum SrtpKeyLabel : byte
{
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

/// <summary>Session keys from a master key: the AES-CM pseudo-random function with key derivation rate 0 (RFC 3711 §4.3.3).
/// RFC 7714 §11 uses the same with its 12-byte salt padded by two zero bytes.</summary>
internal static class SrtpKeyDerivation
{
    public static byte[] Derive(SrtpMasterKey master, SrtpKeyLabel label, int length)
    {
        using var aes = Aes.Create();
        aes.Key = master.Key;

        Span<byte> counter = stackalloc byte[16];
        counter.Clear();
        master.Salt.CopyTo(counter);
        counter[7] ^= (byte)label;

        var derived = new byte[(length + 15) / 16 * 16];
        for (int block = 0; block * 16 < length; block++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(counter[14..], (ushort)block);
            aes.EncryptEcb(counter, derived.AsSpan(block * 16, 16), PaddingMode.None);
        }

        return derived[..length];
    }
}
