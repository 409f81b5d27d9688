using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vms.Native.OpenSsl;

/// <summary>
/// What all DTLS servers of the process share: one self-signed ECDSA P-256 certificate and the settings (DTLS 1.2, use_srtp,
/// a client certificate is demanded). Any thread.
/// </summary>
/// <remarks>Who the peer is follows from the fingerprint in its SDP, checked after the handshake: the chain is not looked at.</remarks>
public sealed unsafe class DtlsServerContext : IDisposable
{
    // GCM first: cheaper for the sender. Chromium offers both, Firefox too.
    private const string SrtpProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
    private const string Ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384";

    private static readonly TimeSpan s_validity = TimeSpan.FromDays(400);
    private readonly SslContextHandle _context;

    /// <param name="clock">Dates the certificate; browsers do not check it, other clients may.</param>
    /// <exception cref="DllNotFoundException">OpenSSL 3 is not installed.</exception>
    /// <exception cref="OpenSslException">It refuses the settings.</exception>
    public DtlsServerContext(TimeProvider clock)
    {
        uint major = LibSsl.OPENSSL_version_major();
        if (major != 3)
            throw new OpenSslException($"OpenSSL 3 is needed, {Version()} was loaded");

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=vms", key, HashAlgorithmName.SHA256);
        var now = clock.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now + s_validity);
        CertificateDer = certificate.RawData;

        _context = new SslContextHandle(LibSsl.SSL_CTX_new(LibSsl.DTLS_server_method()));
        OpenSslException.ThrowIfNot(!_context.IsInvalid, "SSL_CTX_new");
        try
        {
            Configure(_context, CertificateDer, key.ExportECPrivateKey());
        }
        catch
        {
            _context.Dispose();
            throw;
        }
    }

    /// <summary>Our certificate; its fingerprint goes into the SDP.</summary>
    public ReadOnlyMemory<byte> CertificateDer { get; }

    internal SslContextHandle Handle => _context;

    /// <summary>"OpenSSL 3.0.22 …", for the start-up log.</summary>
    public static string Version() => Marshal.PtrToStringUTF8((nint)LibSsl.OpenSSL_version(0)) ?? "";

    public void Dispose() => _context.Dispose();

    private static void Configure(SslContextHandle context, ReadOnlyMemory<byte> certificateDer, byte[] keyDer)
    {
        LibSsl.ERR_clear_error();
        Ctrl(LibSsl.SSL_CTRL_SET_MIN_PROTO_VERSION, LibSsl.DTLS1_2_VERSION, "SSL_CTX_set_min_proto_version");
        Ctrl(LibSsl.SSL_CTRL_SET_READ_AHEAD, 1, null);      // DTLS: a datagram is read whole
        LibSsl.SSL_CTX_set_options(context, LibSsl.SSL_OP_NO_QUERY_MTU | LibSsl.SSL_OP_NO_RENEGOTIATION);
        OpenSslException.ThrowIfNot(LibSsl.SSL_CTX_set_cipher_list(context, Ciphers) == 1, "SSL_CTX_set_cipher_list");
        OpenSslException.ThrowIfNot(LibSsl.SSL_CTX_set_tlsext_use_srtp(context, SrtpProfiles) == 0, "SSL_CTX_set_tlsext_use_srtp");
        LibSsl.SSL_CTX_set_verify(context, LibSsl.SSL_VERIFY_PEER | LibSsl.SSL_VERIFY_FAIL_IF_NO_PEER_CERT, &AcceptAnyChain);

        fixed (byte* der = certificateDer.Span)
        {
            byte* cursor = der;
            nint x509 = LibSsl.d2i_X509(0, &cursor, new CLong(certificateDer.Length));
            OpenSslException.ThrowIfNot(x509 != 0 && LibSsl.SSL_CTX_use_certificate(context, x509) == 1, "SSL_CTX_use_certificate");
            LibSsl.X509_free(x509);
        }

        fixed (byte* der = keyDer)
        {
            byte* cursor = der;
            nint key = LibSsl.d2i_AutoPrivateKey(0, &cursor, new CLong(keyDer.Length));
            OpenSslException.ThrowIfNot(key != 0 && LibSsl.SSL_CTX_use_PrivateKey(context, key) == 1, "SSL_CTX_use_PrivateKey");
            LibSsl.EVP_PKEY_free(key);
        }

        void Ctrl(int command, int value, string? name)
        {
            var result = LibSsl.SSL_CTX_ctrl(context, command, new CLong(value), 0);
            OpenSslException.ThrowIfNot(name is null || result.Value == 1, name ?? "");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int AcceptAnyChain(int verified, nint store) => 1;
}
