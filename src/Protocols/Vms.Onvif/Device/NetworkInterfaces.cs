using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Device;

/// <summary>Hardware addresses of a device (ONVIF Core Specification §8.2.5): what stays when its network address changes.</summary>
/// <param name="Macs">In capital letters with colons, without zeros.</param>
public sealed record NetworkInterfaces(IReadOnlyList<string> Macs)
{
    public const int MaxInterfaces = 16;

    public static OnvifCall<NetworkInterfaces> Get { get; } = new(
        OnvifService.Device,
        "http://www.onvif.org/ver10/device/wsdl/GetNetworkInterfaces",
        new XElement(OnvifNamespaces.Device + "GetNetworkInterfaces"),
        answer => new([.. answer.Body.ChildrenNamed("NetworkInterfaces").Take(MaxInterfaces).Select(i => MacOf(i.TextAt("Info", "HwAddress"))).OfType<string>().Distinct()]));

    /// <summary>"00-1a-2b…", "00:1A:2B…" and "001a2b…".</summary>
    private static string? MacOf(string? text)
    {
        string digits = new([.. (text ?? "").Where(char.IsAsciiHexDigit)]);
        return digits.Length != 12 || digits.All(c => c == '0') ? null : string.Join(':', digits.ToUpperInvariant().Chunk(2).Select(pair => new string(pair)));
    }
}
