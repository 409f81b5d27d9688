using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Device;

/// <summary>Which time servers a device asks (ONVIF Core Specification §8.2.11).</summary>
/// <param name="FromDhcp">They come with its address.</param>
/// <param name="Servers">Names or addresses.</param>
public sealed record NetworkTime(bool FromDhcp, IReadOnlyList<string> Servers)
{
    public const int MaxServers = 8;

    public static OnvifCall<NetworkTime> Get { get; } = new(
        OnvifService.Device, "http://www.onvif.org/ver10/device/wsdl/GetNTP", new XElement(OnvifNamespaces.Device + "GetNTP"), Read);

    /// <param name="server">Host name, or IPv4 address.</param>
    public static OnvifCall<Done> Set(string server)
    {
        bool isAddress = System.Net.IPAddress.TryParse(server, out _);
        return new(
            OnvifService.Device,
            "http://www.onvif.org/ver10/device/wsdl/SetNTP",
            new XElement(
                OnvifNamespaces.Device + "SetNTP",
                new XElement(OnvifNamespaces.Device + "FromDHCP", false),
                new XElement(
                    OnvifNamespaces.Device + "NTPManual",
                    new XElement(OnvifNamespaces.Schema + "Type", isAddress ? "IPv4" : "DNS"),
                    new XElement(OnvifNamespaces.Schema + (isAddress ? "IPv4Address" : "DNSname"), server))),
            Done.Of);
    }

    private static NetworkTime? Read(SoapAnswer answer)
    {
        if (answer.Body.Child("NTPInformation") is not { } told)
            return null;

        var servers = told.ChildrenNamed("NTPManual").Concat(told.ChildrenNamed("NTPFromDHCP"))
            .Select(server => server.TextAt("IPv4Address") ?? server.TextAt("IPv6Address") ?? server.TextAt("DNSname")).OfType<string>();
        return new NetworkTime(told.FlagAt("FromDHCP") ?? false, [.. servers.Take(MaxServers)]);
    }
}
