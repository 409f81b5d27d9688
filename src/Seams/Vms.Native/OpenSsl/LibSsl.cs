using System.Runtime.InteropServices;
using Vms.Native.Libraries;

namespace Vms.Native.OpenSsl;

/// <summary>The functions of libssl 3 and libcrypto 3 that DTLS and SRTP need; native names kept. C <c>long</c> is <see cref="CLong"/>.</summary>
internal static unsafe partial class LibSsl
{
    private const string Ssl = SystemLibraries.Ssl;
    private const string Crypto = SystemLibraries.Crypto;

    static LibSsl() => SystemLibraries.Register();

    // Commands of SSL_ctrl, SSL_CTX_ctrl and BIO_ctrl (openssl/ssl.h, openssl/bio.h).
    internal const int SSL_CTRL_SET_MTU = 17;
    internal const int SSL_CTRL_SET_READ_AHEAD = 41;
    internal const int DTLS_CTRL_GET_TIMEOUT = 73;
    internal const int DTLS_CTRL_HANDLE_TIMEOUT = 74;
    internal const int SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
    internal const int BIO_CTRL_PENDING = 10;
    internal const int BIO_C_SET_BUF_MEM_EOF_RETURN = 130;

    internal const int DTLS1_2_VERSION = 0xFEFD;
    internal const ulong SSL_OP_NO_QUERY_MTU = 1UL << 12;
    internal const ulong SSL_OP_NO_RENEGOTIATION = 1UL << 30;
    internal const int SSL_VERIFY_PEER = 1;
    internal const int SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2;
    internal const int SSL_ERROR_SSL = 1;
    internal const int SSL_ERROR_WANT_READ = 2;
    internal const int SSL_ERROR_WANT_WRITE = 3;
    internal const int SSL_ERROR_SYSCALL = 5;
    internal const int SSL_ERROR_ZERO_RETURN = 6;

    [LibraryImport(Crypto)]
    internal static partial uint OPENSSL_version_major();

    /// <summary>Static text.</summary>
    [LibraryImport(Crypto)]
    internal static partial byte* OpenSSL_version(int what);

    // ---- context -----------------------------------------------------------------------------------------------

    [LibraryImport(Ssl)]
    internal static partial nint DTLS_server_method();

    /// <summary>Freed by <see cref="SSL_CTX_free"/>, through <see cref="SslContextHandle"/>.</summary>
    [LibraryImport(Ssl)]
    internal static partial nint SSL_CTX_new(nint method);

    [LibraryImport(Ssl)]
    internal static partial void SSL_CTX_free(nint context);

    [LibraryImport(Ssl)]
    internal static partial CLong SSL_CTX_ctrl(SslContextHandle context, int command, CLong number, nint pointer);

    [LibraryImport(Ssl)]
    internal static partial ulong SSL_CTX_set_options(SslContextHandle context, ulong options);

    /// <summary>1 on success; takes its own reference.</summary>
    [LibraryImport(Ssl)]
    internal static partial int SSL_CTX_use_certificate(SslContextHandle context, nint x509);

    /// <summary>1 on success; takes its own reference.</summary>
    [LibraryImport(Ssl)]
    internal static partial int SSL_CTX_use_PrivateKey(SslContextHandle context, nint key);

    /// <summary>1 on success.</summary>
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_CTX_set_cipher_list(SslContextHandle context, string ciphers);

    /// <summary>0 (!) on success.</summary>
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_CTX_set_tlsext_use_srtp(SslContextHandle context, string profiles);

    [LibraryImport(Ssl)]
    internal static partial void SSL_CTX_set_verify(
        SslContextHandle context, int mode, delegate* unmanaged[Cdecl]<int, nint, int> callback);

    // ---- connection --------------------------------------------------------------------------------------------

    /// <summary>Freed by <see cref="SSL_free"/>, through <see cref="SslHandle"/>; keeps the context alive.</summary>
    [LibraryImport(Ssl)]
    internal static partial nint SSL_new(SslContextHandle context);

    /// <summary>Frees its BIOs too.</summary>
    [LibraryImport(Ssl)]
    internal static partial void SSL_free(nint ssl);

    /// <summary>The connection owns both BIOs from then on.</summary>
    [LibraryImport(Ssl)]
    internal static partial void SSL_set_bio(SslHandle ssl, nint read, nint write);

    [LibraryImport(Ssl)]
    internal static partial void SSL_set_accept_state(SslHandle ssl);

    [LibraryImport(Ssl)]
    internal static partial CLong SSL_ctrl(SslHandle ssl, int command, CLong number, void* pointer);

    /// <summary>1 when done, else ask <see cref="SSL_get_error"/>.</summary>
    [LibraryImport(Ssl)]
    internal static partial int SSL_do_handshake(SslHandle ssl);

    /// <summary>Bytes read, else ask <see cref="SSL_get_error"/>.</summary>
    [LibraryImport(Ssl)]
    internal static partial int SSL_read(SslHandle ssl, byte* buffer, int length);

    /// <summary>Sends close_notify.</summary>
    [LibraryImport(Ssl)]
    internal static partial int SSL_shutdown(SslHandle ssl);

    /// <summary>Looks at this thread's error queue: nothing else may run on the thread in between.</summary>
    [LibraryImport(Ssl)]
    internal static partial int SSL_get_error(SslHandle ssl, int result);

    /// <summary>Null, or a static <see cref="SrtpProtectionProfile"/>.</summary>
    [LibraryImport(Ssl)]
    internal static partial SrtpProtectionProfile* SSL_get_selected_srtp_profile(SslHandle ssl);

    /// <summary>1 on success.</summary>
    [LibraryImport(Ssl)]
    internal static partial int SSL_export_keying_material(
        SslHandle ssl, byte* output, nuint length, byte* label, nuint labelLength, byte* context, nuint contextLength, int useContext);

    /// <summary>Null, or a certificate to be freed by <see cref="X509_free"/>.</summary>
    [LibraryImport(Ssl)]
    internal static partial nint SSL_get1_peer_certificate(SslHandle ssl);

    // ---- AES-GCM -----------------------------------------------------------------------------------------------

    /// <summary>Command of <see cref="EVP_CIPHER_CTX_ctrl"/> (openssl/evp.h).</summary>
    internal const int EVP_CTRL_AEAD_GET_TAG = 0x10;

    /// <summary>Static.</summary>
    [LibraryImport(Crypto)]
    internal static partial nint EVP_aes_128_gcm();

    /// <summary>Freed by <see cref="EVP_CIPHER_CTX_free"/>, through <see cref="CipherContextHandle"/>.</summary>
    [LibraryImport(Crypto)]
    internal static partial nint EVP_CIPHER_CTX_new();

    [LibraryImport(Crypto)]
    internal static partial void EVP_CIPHER_CTX_free(nint context);

    /// <summary>1 on success. Looks the cipher up, which takes locks.</summary>
    [LibraryImport(Crypto, EntryPoint = "EVP_EncryptInit_ex")]
    internal static partial int EVP_EncryptInit_cipher(nint context, nint cipher, nint engine, byte* key, byte* nonce);

    // Below: some hundred nanoseconds each, thousands of times a second, without locks or callbacks; so they skip the runtime's transition.

    /// <summary>1 on success. With the next nonce alone: cipher, engine and key are null.</summary>
    [LibraryImport(Crypto)]
    [SuppressGCTransition]
    internal static partial int EVP_EncryptInit_ex(nint context, nint cipher, nint engine, byte* key, byte* nonce);

    /// <summary>1 on success. Without <paramref name="output"/> the input is associated data.</summary>
    [LibraryImport(Crypto)]
    [SuppressGCTransition]
    internal static partial int EVP_EncryptUpdate(nint context, byte* output, int* written, byte* input, int length);

    /// <summary>1 on success.</summary>
    [LibraryImport(Crypto)]
    [SuppressGCTransition]
    internal static partial int EVP_EncryptFinal_ex(nint context, byte* output, int* written);

    /// <summary>1 on success.</summary>
    [LibraryImport(Crypto)]
    [SuppressGCTransition]
    internal static partial int EVP_CIPHER_CTX_ctrl(nint context, int command, int number, byte* pointer);

    // ---- BIO, X509, errors -------------------------------------------------------------------------------------

    [LibraryImport(Crypto)]
    internal static partial nint BIO_s_mem();

    [LibraryImport(Crypto)]
    internal static partial nint BIO_new(nint method);

    [LibraryImport(Crypto)]
    internal static partial CLong BIO_ctrl(nint bio, int command, CLong number, nint pointer);

    [LibraryImport(Crypto)]
    internal static partial int BIO_read(nint bio, byte* buffer, int length);

    [LibraryImport(Crypto)]
    internal static partial int BIO_write(nint bio, byte* buffer, int length);

    /// <summary>Null, or a certificate to be freed by <see cref="X509_free"/>; advances <paramref name="der"/>.</summary>
    [LibraryImport(Crypto)]
    internal static partial nint d2i_X509(nint reuse, byte** der, CLong length);

    /// <summary>Length; writes to and advances <paramref name="der"/> unless it is null.</summary>
    [LibraryImport(Crypto)]
    internal static partial int i2d_X509(nint x509, byte** der);

    [LibraryImport(Crypto)]
    internal static partial void X509_free(nint x509);

    /// <summary>Null, or a key to be freed by <see cref="EVP_PKEY_free"/>.</summary>
    [LibraryImport(Crypto)]
    internal static partial nint d2i_AutoPrivateKey(nint reuse, byte** der, CLong length);

    [LibraryImport(Crypto)]
    internal static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Crypto)]
    internal static partial void ERR_clear_error();

    /// <summary>0 when the thread's queue is empty. C <c>unsigned long</c>.</summary>
    [LibraryImport(Crypto)]
    internal static partial CULong ERR_get_error();

    [LibraryImport(Crypto)]
    internal static partial void ERR_error_string_n(CULong error, byte* buffer, nuint length);

    /// <summary>openssl/srtp.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SrtpProtectionProfile
    {
        internal byte* Name;
        internal CULong Id;
    }
}
