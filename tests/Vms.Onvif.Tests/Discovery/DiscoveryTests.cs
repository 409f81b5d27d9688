using System.Net;
using System.Text;
using System.Xml.Linq;
using Vms.Onvif.Discovery;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Tests.Discovery;

public sealed class DiscoveryTests
{
    private static readonly IPAddress s_from = IPAddress.Parse("192.168.1.5");

    [Fact]
    public void A_probe_asks_for_its_type_with_a_declared_prefix()
    {
        var id = Guid.NewGuid();
        var probe = XElement.Parse(Encoding.UTF8.GetString(Probe.Write(ProbeForm.Transmitter, id)));
        var types = probe.Descendants(OnvifNamespaces.Discovery + "Types").Single();
        Assert.Equal("dn:NetworkVideoTransmitter", types.Value);
        Assert.Equal(OnvifNamespaces.Network, types.GetNamespaceOfPrefix("dn"));
        Assert.Equal($"uuid:{id}", probe.Descendants(OnvifNamespaces.DiscoveryAddressing + "MessageID").Single().Value);
        Assert.Empty(XElement.Parse(Encoding.UTF8.GetString(Probe.Write(ProbeForm.Any, id))).Descendants(OnvifNamespaces.Discovery + "Types"));
    }

    [Theory]
    [InlineData("dn:NetworkVideoTransmitter", "", "", true)]
    [InlineData("tdn:NetworkVideoTransmitter", "", "", true)]
    [InlineData("NetworkVideoTransmitter", "", "", true)]
    [InlineData("tds:Device", "onvif://www.onvif.org/type/ptz", "", true)]
    [InlineData("tds:Device", "", "http://192.168.1.5/onvif/device_service", true)]
    [InlineData("wsdp:Device pub:Computer", "", "http://192.168.1.5:5357/x", false)]
    [InlineData("wprt:PrintDeviceType", "ldap:///o=printers", "", false)]
    public void Cameras_are_told_from_printers(string types, string scopes, string addresses, bool isOnvif)
    {
        var match = Assert.Single(ProbeMatch.Read(Answer("urn:uuid:1", types, scopes, addresses)));
        Assert.Equal(isOnvif, match.IsOnvif);
        Assert.Equal(isOnvif, new DiscoveredDevices().Add(s_from, match) is not null);
    }

    [Fact]
    public void Scopes_are_read_url_decoded()
    {
        var scopes = DeviceScopes.Read("onvif://www.onvif.org/name/AXIS%20P3818 onvif://www.onvif.org/hardware/P3818-PVE\nonvif://www.onvif.org/location/country/china onvif://www.onvif.org/MAC/00-1a-2b-3c-4d-5e garbage %ZZ");
        Assert.Equal(new DeviceScopes("AXIS P3818", "P3818-PVE", "country/china", "00:1A:2B:3C:4D:5E", IsOnvif: true), scopes);
        Assert.Null(DeviceScopes.Read("onvif://www.onvif.org/name/%0a%0d").Name);
        Assert.Equal(DeviceScopes.MaxValue, DeviceScopes.Read("onvif://www.onvif.org/name/" + new string('n', 999)).Name!.Length);
    }

    [Theory]
    [InlineData("urn:uuid:ABCD", "abcd")]
    [InlineData("uuid:ABCD", "abcd")]
    [InlineData("urn:uuid:00000000-0000-0000-0000-000000000000", "")]
    public void A_devices_name_is_read_in_each_of_its_forms(string told, string name) =>
        Assert.Equal(name, ProbeMatch.Read(Answer(told, "dn:NetworkVideoTransmitter", "", "http://h/onvif/")).Single().Endpoint);

    [Fact]
    public void Answers_of_one_device_make_one_and_two_devices_with_one_name_stay_two()
    {
        var devices = new DiscoveredDevices();
        var first = ProbeMatch.Read(Answer("urn:uuid:1", "dn:NetworkVideoTransmitter", "", "http://192.168.1.5/onvif/device_service")).Single();
        var more = ProbeMatch.Read(Answer("uuid:1", "tds:Device", "onvif://www.onvif.org/name/X", "https://192.168.1.5/onvif/device_service http://10.9.9.9/onvif/device_service")).Single();
        Assert.NotNull(devices.Add(s_from, first));
        Assert.Null(devices.Add(s_from, first));
        var device = devices.Add(s_from, more)!;
        Assert.Equal("X", device.Scopes.Name);
        Assert.Equal(["http://192.168.1.5/onvif/device_service", "https://192.168.1.5/onvif/device_service"], device.Services.Select(service => service.AbsoluteUri));
        Assert.Null(devices.Add(s_from, more));

        Assert.NotNull(devices.Add(IPAddress.Parse("192.168.1.6"), first));     // a clone
        Assert.NotNull(devices.Add(s_from, first with { Endpoint = "2" }));     // a second one behind one address
        Assert.Equal(3, devices.All.Count);
    }

    [Fact]
    public void Without_a_name_the_address_of_its_service_tells_a_device()
    {
        var devices = new DiscoveredDevices();
        var nameless = ProbeMatch.Read(Answer("", "dn:NetworkVideoTransmitter", "", "http://192.168.1.5:81/onvif/device_service")).Single();
        Assert.Equal(81, devices.Add(s_from, nameless)!.Services[0].Port);
        Assert.Null(devices.Add(s_from, nameless));
        Assert.Equal("http://192.168.1.5/onvif/device_service", devices.Add(s_from, nameless with { Endpoint = "9", Addresses = [] })!.Services[0].AbsoluteUri);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("<s:Envelope><s:Body><d:Hello/></s:Body></s:Envelope>")]
    [InlineData("<s:Envelope><s:Body><d:ProbeMatches><d:ProbeMatch/></d:ProbeMatches></s:Body></s:Envelope>")]
    public void Garbage_is_no_answer(string datagram) => Assert.Empty(ProbeMatch.Read(Encoding.UTF8.GetBytes(datagram)));

    [Theory]
    [InlineData("192.168.1.77/24", "192.168.1.0/24", 254, "192.168.1.1", "192.168.1.254")]
    [InlineData("10.0.16.0/20", "10.0.16.0/20", 4094, "10.0.16.1", "10.0.31.254")]
    [InlineData("192.168.1.8/31", "192.168.1.8/31", 2, "192.168.1.8", "192.168.1.9")]
    [InlineData(" 192.168.1.8 ", "192.168.1.8/32", 1, "192.168.1.8", "192.168.1.8")]
    public void A_subnet_has_its_hosts(string text, string written, int count, string first, string last)
    {
        Assert.True(Subnet.TryParse(text, out var subnet));
        Assert.Equal(written, subnet.ToString());
        Assert.Equal(count, subnet.Count);
        var hosts = subnet.Hosts().ToList();
        Assert.Equal((count, first, last), (hosts.Count, hosts[0].ToString(), hosts[^1].ToString()));
    }

    [Theory]
    [InlineData("10.0.0.0/19")]
    [InlineData("0.0.0.0/24")]
    [InlineData("239.255.255.250")]
    [InlineData("255.255.255.255")]
    [InlineData("192.168.1/24")]
    [InlineData("192.168.1.0/33")]
    [InlineData("192.168.1.0/+24")]
    [InlineData("192.168.1.0/24/1")]
    [InlineData("fe80::1")]
    [InlineData("camera")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_subnet_or_too_large_is_refused(string? text) => Assert.False(Subnet.TryParse(text, out _));

    private static byte[] Answer(string endpoint, string types, string scopes, string addresses) => Encoding.UTF8.GetBytes(
        $"<s:Envelope><s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>{endpoint}</a:Address></a:EndpointReference><d:Types>{types}</d:Types><d:Scopes>{scopes}</d:Scopes><d:XAddrs>{addresses}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>");
}
