using Vms.Native.OpenSsl;
using Vms.WebRtc.Srtp;

namespace Vms.Media.Egress.WebRtc;

/// <summary>SRTP's encryption by the OpenSSL that does DTLS.</summary>
internal sealed class OpenSslGcmEncryptor(byte[] key) : SrtpGcmEncryptor
{
    private readonly AesGcmEncryptor _aes = new(key);

    public override void Encrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associated) =>
        _aes.Encrypt(nonce, plaintext, ciphertext, tag, associated);

    protected override void Dispose(bool disposing) => _aes.Dispose();
}
