using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using Vms.Testing;

namespace Vms.Hosting.Tests;

public sealed class ServerCertificateTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Without_one_of_the_operators_it_is_made_once_and_kept()
    {
        using var directory = new TestDirectory();
        var options = Options(directory, []);
        using var first = ServerCertificate.LoadOrCreate(options, _time);
        using var again = ServerCertificate.LoadOrCreate(options, _time);
        var certificate = first.Current.TargetCertificate;
        Assert.Equal(certificate.Thumbprint, again.Current.TargetCertificate.Thumbprint);
        Assert.True(certificate.HasPrivateKey);
        Assert.Equal(256, certificate.GetECDsaPublicKey()!.KeySize);
        Assert.True(certificate.NotBefore < _time.GetUtcNow() && certificate.NotAfter > _time.GetUtcNow().AddYears(5));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(options.KeysDirectory, "tls.pem")));
    }

    [Fact]
    public void A_renewed_file_counts_within_a_minute_and_a_broken_one_never()
    {
        using var directory = new TestDirectory();
        string path = directory["site.pem"];
        string before = Write(path, "before");
        using var served = ServerCertificate.LoadOrCreate(Options(directory, new() { ["VMS_TLS_CERTIFICATE"] = path }), _time);
        Assert.Equal(before, served.Current.TargetCertificate.Thumbprint);

        File.WriteAllText(path, "half of a file");
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(before, served.Current.TargetCertificate.Thumbprint);

        string after = Write(path, "after");
        File.SetLastWriteTimeUtc(path, File.GetLastWriteTimeUtc(path).AddSeconds(5));
        Assert.Equal(before, served.Current.TargetCertificate.Thumbprint);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(after, served.Current.TargetCertificate.Thumbprint);
    }

    [Fact]
    public void A_renewed_file_behind_a_link_counts_too()
    {
        using var directory = new TestDirectory();
        string path = directory["link.pem"];
        string before = Write(directory["site.pem"], "before");
        File.CreateSymbolicLink(path, directory["site.pem"]);
        using var served = ServerCertificate.LoadOrCreate(Options(directory, new() { ["VMS_TLS_CERTIFICATE"] = path }), _time);
        Assert.Equal(before, served.Current.TargetCertificate.Thumbprint);

        string after = Write(directory["site.pem"], "after");
        File.SetLastWriteTimeUtc(directory["site.pem"], File.GetLastWriteTimeUtc(directory["site.pem"]).AddSeconds(5));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(after, served.Current.TargetCertificate.Thumbprint);
    }

    [Fact]
    public void One_that_cannot_be_used_names_its_key()
    {
        using var directory = new TestDirectory();
        File.WriteAllText(directory["site.pem"], "nothing");
        var options = Options(directory, new() { ["VMS_TLS_CERTIFICATE"] = directory["site.pem"] });
        Assert.Contains("VMS_TLS_CERTIFICATE", Assert.Throws<ValidationException>(() => ServerCertificate.LoadOrCreate(options, _time)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("off", "site.pem", null)]
    [InlineData(null, "site.pem", 8322)]
    [InlineData("0", null, 0)]
    [InlineData("9000", "site.pem", 9000)]
    public void Rtsp_in_TLS_is_off_unless_it_is_asked_for_or_there_is_a_certificate(string? port, string? certificate, int? expected)
    {
        using var directory = new TestDirectory();
        Assert.Equal(expected, Options(directory, new() { ["VMS_RTSPS_PORT"] = port, ["VMS_TLS_CERTIFICATE"] = certificate }).RtspsPort);
    }

    /// <returns>Its thumbprint.</returns>
    private static string Write(string path, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        File.WriteAllText(path, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        return certificate.Thumbprint;
    }

    private static PlaneOptions Options(TestDirectory directory, Dictionary<string, string?> settings)
    {
        settings["VMS_DATA"] = directory["data"];
        return PlaneOptions.From(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
    }
}
