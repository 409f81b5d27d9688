using System.Text;
using System.Xml.Linq;
using Vms.Onvif.Discovery;
using Vms.Onvif.Soap;
using Vms.Testing.FakeDevice;

namespace Vms.Onvif.Tests.Schema;

/// <summary>Requests of the client and answers of the fake device against the official schema, as far as it is to be had: see <see cref="ClassSchema"/>.</summary>
public sealed class SchemaTests
{
    private static readonly ClassSchema s_schema = new();

    [Fact]
    public async Task Requests_and_answers_of_device_media_and_PTZ_keep_to_the_official_schema()
    {
        await using var device = await FakeDevice.StartAsync(new FakeDeviceOptions { Authentication = DeviceAuthentication.None });
        var wrong = new List<string>();
        int asked = 0;
        foreach (var exchange in await Exchanges.AllAsync(device))
        {
            if (ModuleOf(exchange.Service) is not { } module)
                continue;
            asked++;
            wrong.AddRange(s_schema.Check(module, exchange.Request));
            wrong.AddRange(s_schema.Check(module, exchange.Answer));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(29, asked);
    }

    [Fact]
    public async Task Probes_and_their_answers_keep_to_the_schema_of_discovery()
    {
        await using var device = await FakeDevice.StartAsync();
        Assert.All(Probe.Forms, form => Assert.Empty(s_schema.Check("WSDiscovery10", BodyOf(Probe.Write(form, Guid.NewGuid())))));
        Assert.Empty(s_schema.Check("WSDiscovery10", BodyOf(Encoding.UTF8.GetBytes(FakeDiscovery.Answer(device, "uuid:1")))));
    }

    [Fact]
    public void The_schema_sees_what_is_wrong()
    {
        var media = OnvifNamespaces.Media;
        Assert.Single(s_schema.Check("ONVIF::Media", new XElement(media + "GetEverything")));
        Assert.Single(s_schema.Check("ONVIF::Media", new XElement(OnvifNamespaces.Media2 + "GetProfiles")));
        Assert.Single(s_schema.Check("ONVIF::Media", new XElement(media + "GetSnapshotUri", new XElement(media + "Token", "1"))));
        Assert.Single(s_schema.Check("ONVIF::Media", new XElement(media + "GetSnapshotUri", new XElement(OnvifNamespaces.Schema + "ProfileToken", "1"))));
        Assert.Single(s_schema.Check("ONVIF::Media", new XElement(media + "GetStreamUri", new XElement(media + "ProfileToken", "1"), new XElement(media + "StreamSetup"))));
        Assert.Single(s_schema.Check("ONVIF::Device", new XElement(OnvifNamespaces.Device + "GetServices", new XElement(OnvifNamespaces.Device + "IncludeCapability", "perhaps"))));
        Assert.Single(s_schema.Check("ONVIF::PTZ", new XElement(
            OnvifNamespaces.Ptz + "ContinuousMove", new XElement(OnvifNamespaces.Ptz + "Velocity", new XElement(OnvifNamespaces.Schema + "PanTilt", new XAttribute("pan", "1"))))));
    }

    private static string? ModuleOf(OnvifService service) => service switch
    {
        OnvifService.Device => "ONVIF::Device",
        OnvifService.Media => "ONVIF::Media",
        OnvifService.Ptz => "ONVIF::PTZ",
        _ => null,
    };

    private static XElement BodyOf(byte[] document)
    {
        using var stream = new MemoryStream(document);
        return XElement.Load(stream).Element(OnvifNamespaces.Envelope + "Body")!.Elements().Single();
    }
}
