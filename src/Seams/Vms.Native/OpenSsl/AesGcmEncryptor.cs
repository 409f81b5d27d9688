namespace Vms.Native.OpenSsl;

/// <summary>AES-128-GCM under one key, straight from libcrypto. One caller at a time, no allocation per message.</summary>
/// <remarks>The platform's <c>AesGcm</c> uses the same library but clears its error queue before each of five calls, which takes longer than
/// encrypting an RTP packet.</remarks>
public sealed unsafe class AesGcmEncryptor : IDisposable
{
    public const int KeyLength = 16;
    public const int NonceLength = 12;
    public const int TagLength = 16;

    private readonly CipherContextHandle _owner;
    private readonly nint _context;

    /// <exception cref="OpenSslException">libcrypto refuses.</exception>
    public AesGcmEncryptor(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength);
        LibSsl.ERR_clear_error();
        _owner = new CipherContextHandle(LibSsl.EVP_CIPHER_CTX_new());
        _context = _owner.DangerousGetHandle();
        fixed (byte* k = key)
        {
            OpenSslException.ThrowIfNot(
                !_owner.IsInvalid && LibSsl.EVP_EncryptInit_cipher(_context, LibSsl.EVP_aes_128_gcm(), 0, k, null) == 1, "AES-128-GCM");
        }
    }

    /// <param name="nonce"><see cref="NonceLength"/> bytes, never the same twice.</param>
    /// <param name="plaintext">May be the memory of <paramref name="ciphertext"/>.</param>
    /// <param name="ciphertext">As long as the plain text.</param>
    /// <param name="tag"><see cref="TagLength"/> bytes.</param>
    /// <param name="associated">Authenticated, not encrypted.</param>
    /// <exception cref="OpenSslException">libcrypto refuses.</exception>
    public void Encrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associated)
    {
        ObjectDisposedException.ThrowIf(_owner.IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, NonceLength);
        ArgumentOutOfRangeException.ThrowIfNotEqual(ciphertext.Length, plaintext.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tag.Length, TagLength);

        int written;
        byte* rest = stackalloc byte[TagLength];        // GCM leaves nothing for the end
        bool done;
        fixed (byte* n = nonce, from = plaintext, to = ciphertext, t = tag, a = associated)
        {
            done = LibSsl.EVP_EncryptInit_ex(_context, 0, 0, null, n) == 1
                && LibSsl.EVP_EncryptUpdate(_context, null, &written, a, associated.Length) == 1
                && LibSsl.EVP_EncryptUpdate(_context, to, &written, from, plaintext.Length) == 1
                && LibSsl.EVP_EncryptFinal_ex(_context, rest, &written) == 1
                && LibSsl.EVP_CIPHER_CTX_ctrl(_context, LibSsl.EVP_CTRL_AEAD_GET_TAG, TagLength, t) == 1;
        }

        GC.KeepAlive(_owner);
        OpenSslException.ThrowIfNot(done, "AES-128-GCM");
    }

    public void Dispose() => _owner.Dispose();
}
