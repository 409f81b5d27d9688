using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vms.Testing.Viewers;

/// <summary>The browser's half of DTLS-SRTP, through the same OpenSSL: datagrams in, datagrams out. One caller at a time.</summary>
public sealed unsafe partial class DtlsClient : IDisposable
{
    private const string Ssl = "libssl.so.3";
    private const string Crypto = "libcrypto.so.3";
    private const int WantRead = 2;
    private static readonly Lazy<(X509Certificate2 Certificate, byte[] Key)> s_identity = new(CreateIdentity);
    private readonly nint _context;
    private readonly nint _ssl;
    private readonly nint _input;
    private readonly nint _output;

    /// <param name="profiles">"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80" or a part of it.</param>
    public DtlsClient(string profiles)
    {
        var (certificate, key) = s_identity.Value;
        _context = SSL_CTX_new(DTLS_client_method());
        SSL_CTX_ctrl(_context, 123, new CLong(0xFEFD), 0);      // DTLS 1.2 at least
        Expect(0, SSL_CTX_set_tlsext_use_srtp(_context, profiles));
        fixed (byte* der = certificate.RawData)
        {
            byte* cursor = der;
            nint x509 = d2i_X509(0, &cursor, new CLong(certificate.RawData.Length));
            Expect(1, SSL_CTX_use_certificate(_context, x509));
            X509_free(x509);
        }

        fixed (byte* der = key)
        {
            byte* cursor = der;
            nint pkey = d2i_AutoPrivateKey(0, &cursor, new CLong(key.Length));
            Expect(1, SSL_CTX_use_PrivateKey(_context, pkey));
            EVP_PKEY_free(pkey);
        }

        SSL_CTX_set_options(_context, 1UL << 12);               // the MTU is ours to say
        _ssl = SSL_new(_context);
        _input = BIO_new(BIO_s_mem());
        _output = BIO_new(BIO_s_mem());
        BIO_ctrl(_input, 130, new CLong(-1), 0);
        BIO_ctrl(_output, 130, new CLong(-1), 0);
        SSL_set_bio(_ssl, _input, _output);
        SSL_set_connect_state(_ssl);
        SSL_ctrl(_ssl, 17, new CLong(1200), 0);
    }

    /// <summary>DER of the certificate that all clients of the process show.</summary>
    public static byte[] Certificate => s_identity.Value.Certificate.RawData;

    public bool IsConnected { get; private set; }

    /// <summary>Goes on with the handshake; then <see cref="Take"/>.</summary>
    public void Advance()
    {
        if (IsConnected)
            return;
        ERR_clear_error();
        int result = SSL_do_handshake(_ssl);
        if (result == 1)
            IsConnected = true;
        else
            Expect(WantRead, SSL_get_error(_ssl, result));
    }

    public void Receive(ReadOnlySpan<byte> datagram)
    {
        fixed (byte* bytes = datagram)
            Expect(datagram.Length, BIO_write(_input, bytes, datagram.Length));
        Advance();
    }

    /// <summary>Sends the last flight again when its time has come.</summary>
    public void HandleTimeout() => SSL_ctrl(_ssl, 74, default, 0);

    /// <summary>close_notify.</summary>
    public void Close() => _ = SSL_shutdown(_ssl);

    /// <summary>Everything to send, one record per datagram.</summary>
    public List<byte[]> Take()
    {
        var all = new byte[(int)BIO_ctrl(_output, 10, default, 0).Value];
        fixed (byte* bytes = all)
        {
            if (all.Length > 0)
                Expect(all.Length, BIO_read(_output, bytes, all.Length));
        }

        var records = new List<byte[]>();
        for (int at = 0; at < all.Length;)
        {
            int length = 13 + (all[at + 11] << 8 | all[at + 12]);
            records.Add(all[at..(at + length)]);
            at += length;
        }

        return records;
    }

    public ushort Profile() => (ushort)*(uint*)(SSL_get_selected_srtp_profile(_ssl) + sizeof(nint));

    public byte[] ExportKeys(int length)
    {
        var material = new byte[length];
        fixed (byte* output = material)
        fixed (byte* label = "EXTRACTOR-dtls_srtp"u8)
            Expect(1, SSL_export_keying_material(_ssl, output, (nuint)length, label, 19, null, 0, 0));
        return material;
    }

    public void Dispose()
    {
        SSL_free(_ssl);
        SSL_CTX_free(_context);
    }

    private static void Expect(int expected, int actual)
    {
        if (actual != expected)
            throw new InvalidOperationException($"OpenSSL returned {actual}, not {expected}");
    }

    private static (X509Certificate2 Certificate, byte[] Key) CreateIdentity()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        var certificate = new CertificateRequest("CN=viewer", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        return (certificate, key.ExportECPrivateKey());
    }

    [LibraryImport(Ssl)]
    private static partial nint DTLS_client_method();

    [LibraryImport(Ssl)]
    private static partial nint SSL_CTX_new(nint method);

    [LibraryImport(Ssl)]
    private static partial void SSL_CTX_free(nint context);

    [LibraryImport(Ssl)]
    private static partial CLong SSL_CTX_ctrl(nint context, int command, CLong number, nint pointer);

    [LibraryImport(Ssl)]
    private static partial ulong SSL_CTX_set_options(nint context, ulong options);

    [LibraryImport(Ssl)]
    private static partial int SSL_CTX_use_certificate(nint context, nint x509);

    [LibraryImport(Ssl)]
    private static partial int SSL_CTX_use_PrivateKey(nint context, nint key);

    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SSL_CTX_set_tlsext_use_srtp(nint context, string profiles);

    [LibraryImport(Ssl)]
    private static partial nint SSL_new(nint context);

    [LibraryImport(Ssl)]
    private static partial void SSL_free(nint ssl);

    [LibraryImport(Ssl)]
    private static partial void SSL_set_bio(nint ssl, nint read, nint write);

    [LibraryImport(Ssl)]
    private static partial void SSL_set_connect_state(nint ssl);

    [LibraryImport(Ssl)]
    private static partial CLong SSL_ctrl(nint ssl, int command, CLong number, nint pointer);

    [LibraryImport(Ssl)]
    private static partial int SSL_do_handshake(nint ssl);

    [LibraryImport(Ssl)]
    private static partial int SSL_get_error(nint ssl, int result);

    [LibraryImport(Ssl)]
    private static partial int SSL_shutdown(nint ssl);

    [LibraryImport(Ssl)]
    private static partial nint SSL_get_selected_srtp_profile(nint ssl);

    [LibraryImport(Ssl)]
    private static partial int SSL_export_keying_material(
        nint ssl, byte* output, nuint length, byte* label, nuint labelLength, byte* context, nuint contextLength, int useContext);

    [LibraryImport(Crypto)]
    private static partial nint BIO_s_mem();

    [LibraryImport(Crypto)]
    private static partial nint BIO_new(nint method);

    [LibraryImport(Crypto)]
    private static partial CLong BIO_ctrl(nint bio, int command, CLong number, nint pointer);

    [LibraryImport(Crypto)]
    private static partial int BIO_read(nint bio, byte* buffer, int length);

    [LibraryImport(Crypto)]
    private static partial int BIO_write(nint bio, byte* buffer, int length);

    [LibraryImport(Crypto)]
    private static partial nint d2i_X509(nint reuse, byte** der, CLong length);

    [LibraryImport(Crypto)]
    private static partial void X509_free(nint x509);

    [LibraryImport(Crypto)]
    private static partial nint d2i_AutoPrivateKey(nint reuse, byte** der, CLong length);

    [LibraryImport(Crypto)]
    private static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Crypto)]
    private static partial void ERR_clear_error();
}
