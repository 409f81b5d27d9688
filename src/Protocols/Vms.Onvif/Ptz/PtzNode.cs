using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Ptz;

/// <summary>Something that moves (ONVIF PTZ Service Specification §5.1).</summary>
/// <param name="MaxPresets">0: it keeps none.</param>
/// <param name="HasHome">It knows a home position.</param>
public sealed record PtzNode(string Token, string Name, PtzSpaces Spaces, int MaxPresets, bool HasHome)
{
    public const int MaxNodes = 64;

    public static OnvifCall<IReadOnlyList<PtzNode>> GetAll { get; } = new(
        OnvifService.Ptz,
        "http://www.onvif.org/ver20/ptz/wsdl/GetNodes",
        new XElement(OnvifNamespaces.Ptz + "GetNodes"),
        answer => answer.Body.Name != "GetNodesResponse" ? null : [.. answer.Body.ChildrenNamed("PTZNode").Take(MaxNodes).Select(Read)]);

    private static PtzNode Read(SoapElement node) => new(
        node.Attribute("token") ?? "",
        node.TextAt("Name") ?? "",
        PtzSpaces.Read(node.Child("SupportedPTZSpaces")),
        Math.Clamp(node.IntegerAt("MaximumNumberOfPresets") ?? 0, 0, PtzPreset.MaxPresets),
        node.FlagAt("HomeSupported") ?? false);
}
