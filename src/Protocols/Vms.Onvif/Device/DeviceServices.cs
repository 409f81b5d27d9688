using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Device;

/// <summary>Which services a device has, and where: addresses as told, to be put right by <see cref="ServiceAddress"/>.</summary>
public sealed record DeviceServices(IReadOnlyDictionary<OnvifService, string> Addresses)
{
    /// <summary>What devices of today answer (ONVIF Core Specification §8.1.2.1).</summary>
    public static OnvifCall<DeviceServices> Get { get; } = new(
        OnvifService.Device,
        "http://www.onvif.org/ver10/device/wsdl/GetServices",
        new XElement(OnvifNamespaces.Device + "GetServices", new XElement(OnvifNamespaces.Device + "IncludeCapability", false)),
        ReadServices);

    /// <summary>What older ones answer (§8.1.2.3).</summary>
    public static OnvifCall<DeviceServices> GetCapabilities { get; } = new(
        OnvifService.Device,
        "http://www.onvif.org/ver10/device/wsdl/GetCapabilities",
        new XElement(OnvifNamespaces.Device + "GetCapabilities", new XElement(OnvifNamespaces.Device + "Category", "All")),
        ReadCapabilities);

    private static readonly Dictionary<string, OnvifService> s_byNamespace = new(StringComparer.OrdinalIgnoreCase)
    {
        [OnvifNamespaces.Media.NamespaceName] = OnvifService.Media,
        [OnvifNamespaces.Media2.NamespaceName] = OnvifService.Media2,
        [OnvifNamespaces.Ptz.NamespaceName] = OnvifService.Ptz,
        [OnvifNamespaces.Imaging.NamespaceName] = OnvifService.Imaging,
        [OnvifNamespaces.Events.NamespaceName] = OnvifService.Events,
        [OnvifNamespaces.Search.NamespaceName] = OnvifService.Search,
        [OnvifNamespaces.Replay.NamespaceName] = OnvifService.Replay,
    };

    private static readonly (string Name, OnvifService Service)[] s_byCapability =
        [("Media", OnvifService.Media), ("PTZ", OnvifService.Ptz), ("Imaging", OnvifService.Imaging), ("Events", OnvifService.Events)];

    /// <summary>Services that came after the first version stand one level deeper.</summary>
    private static readonly (string Name, OnvifService Service)[] s_byExtension = [("Search", OnvifService.Search), ("Replay", OnvifService.Replay)];

    public bool Has(OnvifService service) => Addresses.ContainsKey(service);

    private static DeviceServices? ReadServices(SoapAnswer answer)
    {
        var addresses = new Dictionary<OnvifService, string>();
        foreach (var service in answer.Body.ChildrenNamed("Service"))
        {
            if (service.TextAt("XAddr") is { } address && service.TextAt("Namespace") is { } name && s_byNamespace.TryGetValue(name.TrimEnd('/'), out var known))
                addresses.TryAdd(known, address);
        }

        return answer.Body.Name == "GetServicesResponse" ? new DeviceServices(addresses) : null;
    }

    private static DeviceServices? ReadCapabilities(SoapAnswer answer)
    {
        if (answer.Body.Child("Capabilities") is not { } capabilities)
            return null;

        var addresses = new Dictionary<OnvifService, string>();
        foreach (var (name, service) in s_byCapability)
        {
            if (capabilities.TextAt(name, "XAddr") is { } address)
                addresses.Add(service, address);
        }

        foreach (var (name, service) in s_byExtension)
        {
            if (capabilities.TextAt("Extension", name, "XAddr") is { } address)
                addresses.Add(service, address);
        }

        return new DeviceServices(addresses);
    }
}
