using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Vms.Hosting.Tests;

public sealed class CameraAddressesTests
{
    [Theory]
    [InlineData("10.0.0.7", 554)]
    [InlineData("192.168.1.64", 8554)]
    [InlineData("203.0.113.9", 80)]
    [InlineData("fd00::7", 554)]
    [InlineData("127.0.0.1", 9554)]
    [InlineData("::1", 9554)]
    [InlineData("169.254.7.7", 554)]    // a camera on a card of its own that gave itself an address
    [InlineData("fe80::7", 554)]
    [InlineData("10.0.0.7", 8080)]      // the number is this installation's own here only
    public void A_camera_may_be_in_the_network_and_on_this_machine(string address, int port) => Assert.Null(Refusal(address, port));

    [Theory]
    [InlineData("0.0.0.0", 554)]
    [InlineData("0.1.2.3", 554)]
    [InlineData("::", 554)]
    [InlineData("255.255.255.255", 554)]
    [InlineData("239.1.1.1", 554)]
    [InlineData("ff02::1", 554)]
    [InlineData("169.254.169.254", 80)]
    [InlineData("::ffff:169.254.169.254", 80)]
    [InlineData("fd00:ec2::254", 80)]
    [InlineData("100.100.100.200", 80)]
    public void Addresses_that_are_no_cameras_are_refused(string address, int port) => Assert.NotNull(Refusal(address, port));

    [Theory]
    [InlineData(8080)]
    [InlineData(8443)]
    [InlineData(8081)]
    [InlineData(8082)]
    [InlineData(8189)]
    [InlineData(8554)]
    [InlineData(4111)]
    public void This_installations_own_ports_are_refused_under_every_address_of_the_machine(int port)
    {
        var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(n => n.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(a.Address.GetAddressBytes()) : a.Address);
        Assert.All([IPAddress.Parse("127.0.0.1"), IPAddress.Parse("127.9.9.9"), IPAddress.Parse("::ffff:127.0.0.1"), .. own], address => Assert.NotNull(Refusal(address.ToString(), port)));
    }

    [Fact]
    public void An_operator_may_narrow_it_to_networks()
    {
        (string, string?)[] narrow = [("VMS_CAMERA_NETWORKS", "10.1.0.0/16 169.254.0.0/16")];
        Assert.Null(Refusal("10.1.2.3", 554, narrow));
        Assert.Null(Refusal("169.254.7.7", 554, narrow));
        Assert.NotNull(Refusal("169.254.169.254", 80, narrow));
        Assert.NotNull(Refusal("10.2.0.1", 554, narrow));
        Assert.NotNull(Refusal("169.254.7.7", 554, ("VMS_CAMERA_NETWORKS", "10.1.0.0/16")));
        Assert.NotNull(Refusal("127.0.0.1", 9554, narrow));
        Assert.NotNull(Refusal("fd00::7", 554, narrow));
        Assert.NotNull(Refusal("127.0.0.1", 9554, ("VMS_CAMERA_LOOPBACK", "off")));
        Assert.Null(Refusal("10.0.0.7", 554, ("VMS_CAMERA_LOOPBACK", "off")));
    }

    private static string? Refusal(string address, int port, params (string Key, string? Value)[] settings) =>
        new CameraAddresses(PlaneOptions.From(new ConfigurationBuilder()
            .AddInMemoryCollection([new("VMS_NATS", "nats://user:secret@127.0.0.1:4111"), .. settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value))]).Build()))
            .Refusal(IPAddress.Parse(address), port);
}
