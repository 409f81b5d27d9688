using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Authentication;
using Microsoft.Extensions.Configuration;

namespace Vms.Hosting.Tests;

public sealed class DoorOptionsTests
{
    [Theory]
    [InlineData(null, 8443)]
    [InlineData("80", 443)]
    [InlineData("18080", 18443)]
    [InlineData("65500", 65137)]
    [InlineData("0", 0)]
    public void The_port_in_TLS_stands_beside_the_plain_one(string? httpPort, int expected) =>
        Assert.Equal(expected, From(("VMS_HTTP_PORT", httpPort)).HttpsPort);

    [Fact]
    public void Defaults_are_TLS_1_3_nobody_trusted_and_the_documented_limits()
    {
        var door = From();
        Assert.Equal((SslProtocols.Tls13, 100, 500, 3000, true), (door.TlsVersions, door.WritesPerMinute, door.StreamsPerMinute, door.EventsPerMinute, door.CameraLoopback));
        Assert.False(door.Trusts(IPAddress.Loopback));
        Assert.Empty(door.TrustedProxies);
        Assert.Empty(door.AllowedOrigins);
        Assert.Empty(door.CameraNetworks);
        Assert.True(door.HasTls);
        Assert.False(From(("VMS_HTTPS_PORT", "off")).HasTls);
        Assert.False(From(("VMS_HTTPS_PORT", "")).HasTls);
        Assert.Equal(9443, From(("VMS_HTTPS_PORT", "9443")).HttpsPort);
        Assert.Equal(SslProtocols.Tls12 | SslProtocols.Tls13, From(("VMS_TLS_MIN", "1.2")).TlsVersions);
    }

    [Fact]
    public void Lists_are_separated_by_spaces()
    {
        var door = From(("VMS_TRUSTED_PROXIES", "10.0.0.5  fd00::/8"), ("VMS_ALLOWED_ORIGINS", "https://Wall.example https://a.example:9443 null"));
        Assert.Equal([IPNetwork.Parse("10.0.0.5/32"), IPNetwork.Parse("fd00::/8")], door.TrustedProxies);
        Assert.Equal(["https://wall.example", "https://a.example:9443", "null"], door.AllowedOrigins);
        Assert.True(door.Trusts(IPAddress.Parse("::ffff:10.0.0.5")));
        Assert.False(door.Trusts(IPAddress.Parse("10.0.0.6")));
        Assert.False(door.Trusts(null));
    }

    [Theory]
    [InlineData("VMS_HTTPS_PORT", "443x")]
    [InlineData("VMS_TLS_MIN", "1.1")]
    [InlineData("VMS_ALLOWED_ORIGINS", "*")]
    [InlineData("VMS_ALLOWED_ORIGINS", "https://a.example/")]
    [InlineData("VMS_ALLOWED_ORIGINS", "ftp://a.example")]
    [InlineData("VMS_ALLOWED_ORIGINS", "nul")]
    [InlineData("VMS_TRUSTED_PROXIES", "proxy.example")]
    [InlineData("VMS_TRUSTED_PROXIES", "10.0.0.0/33")]
    [InlineData("VMS_RATE_WRITES", "-1")]
    [InlineData("VMS_RATE_STREAMS", "many")]
    [InlineData("VMS_RATE_EVENTS", "1000001")]
    [InlineData("VMS_CAMERA_NETWORKS", "lan")]
    [InlineData("VMS_CAMERA_LOOPBACK", "no")]
    public void A_value_that_cannot_be_used_names_its_key(string key, string value) =>
        Assert.StartsWith(key, Assert.Throws<ValidationException>(() => From((key, value))).Message, StringComparison.Ordinal);

    private static DoorOptions From(params (string Key, string? Value)[] settings) =>
        PlaneOptions.From(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => s.Value)).Build()).Door;
}
