using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Bus.Tests;

/// <summary>Credentials and TLS against a real nats-server.</summary>
public sealed class BusSecurityTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    [Theory]
    [InlineData("authorization { user: vms, password: \"p@ss:word\" }", "vms:p%40ss%3Aword@", "vms:wrong@")]
    [InlineData("authorization { token: \"s3cr3t\" }", "s3cr3t@", "")]
    public async Task Good_credentials_connect_and_bad_ones_are_reported_and_never_logged(string configuration, string good, string bad)
    {
        await using var nats = await PrivateNats.StartAsync(configuration);
        await using (var bus = TestBus.Start(nats.Url.Replace("://", "://" + good))) await bus.ConnectedAsync();

        await using var refused = TestBus.Start(nats.Url.Replace("://", "://" + bad));
        await Eventually.TrueAsync(() => refused.Connection.LastError is { Kind: BusErrorKind.Unauthorized });
        Assert.DoesNotContain("wrong", refused.Connection.LastError!.ToString());
        Assert.NotEqual(BusState.Connected, refused.Connection.State);
    }

    [Fact]
    public async Task A_permission_violation_is_no_reason_to_disconnect()
    {
        await using var nats = await PrivateNats.StartAsync(
            "authorization { users: [ { user: a, password: a, permissions: { publish: [\"ok.>\", \"_INBOX.>\"], subscribe: [\"ok.>\", \"_INBOX.>\"] } } ] }");
        await using var bus = TestBus.Start(nats.Url.Replace("://", "://a:a@"));
        await bus.ConnectedAsync();
        using var allowed = bus.Connection.Subscribe("ok.a", null);
        using var forbidden = bus.Connection.Subscribe("forbidden", null);
        await bus.Connection.PublishAsync("forbidden", default, null, null, TestContext.Current.CancellationToken);
        await bus.Connection.PublishAsync("ok.a", default, null, null, TestContext.Current.CancellationToken);
        Assert.Single(await BusConnectionTests.TakeAsync(allowed, 1));
        Assert.Equal(BusState.Connected, bus.Connection.State);
    }

    [Fact]
    public async Task Tls_connects_with_the_trusted_root_and_with_no_other()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = SelfSigned(key, "localhost");
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = SelfSigned(otherKey, "localhost");
        var files = await WriteAsync(certificate, key);
        await using var nats = await PrivateNats.StartAsync($$"""tls { cert_file: "{{files.Certificate}}", key_file: "{{files.Key}}" }""");

        BusOptions With(BusOptions options, X509Certificate2? root, string? name) =>
            options with { Tls = new BusTlsOptions { TrustedRoots = root is null ? null : [root], ServerName = name } };

        // The server demands TLS: nats:// upgrades too.
        foreach (var url in new[] { nats.Url.Replace("nats:", "tls:"), nats.Url })
        {
            await using var trusted = TestBus.Start(url, o => With(o, certificate, "localhost"));
            await trusted.ConnectedAsync();
            await trusted.Connection.FlushAsync(TestContext.Current.CancellationToken);
        }

        foreach (var (root, name) in new[] { (other, "localhost"), (null, "localhost"), (certificate, "elsewhere.example") })
        {
            await using var distrusting = TestBus.Start(nats.Url, o => With(o, root, name));
            await Eventually.TrueAsync(() => distrusting.Connection.LastError is { Kind: BusErrorKind.Unauthorized });
            Assert.NotEqual(BusState.Connected, distrusting.Connection.State);
        }
    }

    [Fact]
    public async Task Tls_that_was_asked_for_is_never_given_up()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var bus = TestBus.Start(nats.Url.Replace("nats:", "tls:"));
        await Eventually.TrueAsync(() => bus.Connection.LastError is { Kind: BusErrorKind.Unauthorized });
    }

    [Fact]
    public async Task A_server_that_verifies_clients_sees_our_certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = SelfSigned(key, "localhost");
        var files = await WriteAsync(certificate, key);
        await using var nats = await PrivateNats.StartAsync(
            $$"""tls { cert_file: "{{files.Certificate}}", key_file: "{{files.Key}}", ca_file: "{{files.Certificate}}", verify: true }""");
        var tls = new BusTlsOptions { TrustedRoots = [certificate], ServerName = "localhost" };

        await using var known = TestBus.Start(nats.Url, o => o with { Tls = tls with { ClientCertificate = certificate } });
        await known.ConnectedAsync();
        await using var unknown = TestBus.Start(nats.Url, o => o with { Tls = tls });
        await Eventually.TrueAsync(() => unknown.Connection.LastError is not null);
        Assert.NotEqual(BusState.Connected, unknown.Connection.State);
    }

    public void Dispose() => _directory.Dispose();

    private static X509Certificate2 SelfSigned(ECDsa key, string name)
    {
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Parse("192.0.2.1"));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);   // with its key in a form TLS takes everywhere
    }

    private async Task<(string Certificate, string Key)> WriteAsync(X509Certificate2 certificate, ECDsa key)
    {
        var files = (_directory["server.crt"].Replace('\\', '/'), _directory["server.key"].Replace('\\', '/'));
        await File.WriteAllTextAsync(files.Item1, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(files.Item2, key.ExportPkcs8PrivateKeyPem());
        return files;
    }
}
