using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Vms.Hosting;

/// <summary>The certificate that this installation shows in TLS: the operator's (<c>VMS_TLS_CERTIFICATE</c>), read again when the file changes, or
/// one that it has signed itself and keeps in <c>keys/tls.pem</c>. Any thread.</summary>
public sealed class ServerCertificate : IDisposable
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromMinutes(1);

    private readonly string _path;
    private readonly string _keyPath;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private X509Certificate2 _certificate;
    private SslStreamCertificateContext _current;
    private DateTime _written;
    private long _lookedAt;

    private ServerCertificate(string path, string keyPath, TimeProvider time)
    {
        (_path, _keyPath, _time) = (path, keyPath, time);
        (_certificate, _current) = Read();
        _written = WrittenAt();
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>For the next handshake. A renewed file that cannot be read (half written) leaves the one before in use.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_gate)
            {
                if (_time.GetElapsedTime(_lookedAt) >= s_lookInterval)
                {
                    _lookedAt = _time.GetTimestamp();
                    TryReload();
                }

                return _current;
            }
        }
    }

    /// <summary>Reads the certificate; without one of the operator's it is made at the first start, ECDSA P-256.</summary>
    /// <exception cref="ValidationException">The operator's cannot be used; the message names the key.</exception>
    public static ServerCertificate LoadOrCreate(PlaneOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        if (options.TlsCertificate is { } path)
        {
            try
            {
                return new ServerCertificate(path, options.TlsKey ?? path, time);
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw new ValidationException($"VMS_TLS_CERTIFICATE: {path} (key: {options.TlsKey ?? path}) cannot be used ({e.Message})", e);
            }
        }

        PrivateFiles.CreateDirectory(options.KeysDirectory);
        var own = Path.Combine(options.KeysDirectory, "tls.pem");
        if (!File.Exists(own))
            PrivateFiles.TryCreate(own, Encoding.ASCII.GetBytes(SignOwn(time.GetUtcNow())));
        return new ServerCertificate(own, own, time);
    }

    public void Dispose() => _certificate.Dispose();

    private void TryReload()
    {
        try
        {
            var written = WrittenAt();
            if (written == _written)
                return;
            (_certificate, _current) = Read();      // the old one may still be in use by a handshake
            _written = written;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return;     // looked at again in a minute
        }
    }

    /// <summary>Of whichever of the two files is newer.</summary>
    private DateTime WrittenAt()
    {
        var (certificate, key) = (At(_path), At(_keyPath));
        return certificate > key ? certificate : key;

        // Behind a link (certbot, Kubernetes) the link's own time never changes.
        static DateTime At(string path) => File.GetLastWriteTimeUtc(new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path);
    }

    private (X509Certificate2, SslStreamCertificateContext) Read()
    {
        var certificate = X509Certificate2.CreateFromPemFile(_path, _keyPath);
        if (OperatingSystem.IsWindows())
        {
            // SChannel takes no key that lives in memory alone.
            using var ephemeral = certificate;
            certificate = X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pfx), null);
        }

        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_path);
        return (certificate, SslStreamCertificateContext.Create(certificate, chain, offline: true));
    }

    /// <returns>PEM: the certificate, then its key.</returns>
    private static string SignOwn(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var host = Dns.GetHostName();
        var request = new CertificateRequest($"CN={host}, O=VMS", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));      // server authentication
        using var certificate = request.CreateSelfSigned(now - TimeSpan.FromDays(1), now + s_lifetime);
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
