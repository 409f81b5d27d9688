using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Ptz;

/// <summary>A position a device has a name for (ONVIF PTZ Service Specification §5.4).</summary>
/// <param name="Token">As the device calls it: "1" as well as "Preset_3".</param>
/// <param name="Name">For people; the token when there is none.</param>
public sealed record PtzPreset(string Token, string Name)
{
    public const int MaxPresets = 512;

    /// <summary>Characters of a name that is set.</summary>
    public const int MaxName = 64;

    private const string Action = "http://www.onvif.org/ver20/ptz/wsdl/";

    public static OnvifCall<IReadOnlyList<PtzPreset>> GetAll(string profile) => new(
        OnvifService.Ptz,
        Action + "GetPresets",
        new XElement(OnvifNamespaces.Ptz + "GetPresets", new XElement(OnvifNamespaces.Ptz + "ProfileToken", profile)),
        answer => answer.Body.Name != "GetPresetsResponse" ? null : [.. answer.Body.ChildrenNamed("Preset").Take(MaxPresets).Select(Read).OfType<PtzPreset>()]);

    /// <summary>Keeps where the device looks now.</summary>
    /// <param name="token">Null: a new one, otherwise the one that is replaced.</param>
    /// <returns>Its token.</returns>
    public static OnvifCall<string> Set(string profile, string? token, string name) => new(
        OnvifService.Ptz,
        Action + "SetPreset",
        new XElement(
            OnvifNamespaces.Ptz + "SetPreset",
            new XElement(OnvifNamespaces.Ptz + "ProfileToken", profile),
            new XElement(OnvifNamespaces.Ptz + "PresetName", name),
            token is null ? null : new XElement(OnvifNamespaces.Ptz + "PresetToken", token)),
        answer => answer.Body.TextAt("PresetToken") ?? token);

    public static OnvifCall<Done> Remove(string profile, string token) => new(
        OnvifService.Ptz, Action + "RemovePreset", Named("RemovePreset", profile, token), Done.Of);

    public static OnvifCall<Done> Go(string profile, string token) => new(
        OnvifService.Ptz, Action + "GotoPreset", Named("GotoPreset", profile, token), Done.Of);

    public static OnvifCall<Done> GoHome(string profile) => new(
        OnvifService.Ptz,
        Action + "GotoHomePosition",
        new XElement(OnvifNamespaces.Ptz + "GotoHomePosition", new XElement(OnvifNamespaces.Ptz + "ProfileToken", profile)),
        Done.Of);

    /// <summary>Makes where the device looks now its home.</summary>
    public static OnvifCall<Done> SetHome(string profile) => new(
        OnvifService.Ptz,
        Action + "SetHomePosition",
        new XElement(OnvifNamespaces.Ptz + "SetHomePosition", new XElement(OnvifNamespaces.Ptz + "ProfileToken", profile)),
        Done.Of);

    private static PtzPreset? Read(SoapElement preset) =>
        preset.Attribute("token") is { Length: > 0 } token ? new PtzPreset(token, preset.TextAt("Name") ?? token) : null;

    private static XElement Named(string operation, string profile, string token) => new(
        OnvifNamespaces.Ptz + operation, new XElement(OnvifNamespaces.Ptz + "ProfileToken", profile), new XElement(OnvifNamespaces.Ptz + "PresetToken", token));
}
