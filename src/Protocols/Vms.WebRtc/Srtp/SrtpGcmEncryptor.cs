using System.Security.Cryptography;

namespace Vms.WebRtc.Srtp;

/// <summary>AES-128-GCM for what is sent, under one session key: the one step that is paid for every packet of every viewer, so that whoever has
/// a faster one than the platform's brings it. One caller at a time.</summary>
public abstract class SrtpGcmEncryptor : IDisposable
{
    public const int NonceLength = 12;
    public const int TagLength = 16;

    /// <summary>The platform's own.</summary>
    public static SrtpGcmEncryptor Create(byte[] key) => new PlatformEncryptor(key);

    /// <param name="nonce"><see cref="NonceLength"/> bytes.</param>
    /// <param name="plaintext">May be the memory of <paramref name="ciphertext"/>.</param>
    /// <param name="ciphertext">As long as the plain text.</param>
    /// <param name="tag"><see cref="TagLength"/> bytes.</param>
    /// <param name="associated">Authenticated, not encrypted.</param>
    public abstract void Encrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associated);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);

    private sealed class PlatformEncryptor(byte[] key) : SrtpGcmEncryptor
    {
        private readonly AesGcm _aes = new(key, TagLength);

        public override void Encrypt(
            ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associated) =>
            _aes.Encrypt(nonce, plaintext, ciphertext, tag, associated);

        protected override void Dispose(bool disposing) => _aes.Dispose();
    }
}
