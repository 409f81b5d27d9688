using System.Xml.Linq;
using Vms.Onvif.Ptz;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Imaging;

/// <summary>When the infrared filter is in the way of light.</summary>
public enum IrCutFilter
{
    /// <summary>Day: colours.</summary>
    On,

    /// <summary>Night: infrared, too.</summary>
    Off,

    Auto,
}

/// <summary>How a sensor's pictures look (ONVIF Imaging Service Specification §5.1), numbers as the device has them. Null: the device has no such thing, or
/// it shall stay.</summary>
/// <param name="WideDynamicRange">On or off; its strength is <paramref name="WideDynamicRangeLevel"/>.</param>
/// <param name="AutoFocus">False: by hand.</param>
public sealed record ImagingSettings(
    double? Brightness, double? Contrast, double? Saturation, double? Sharpness, IrCutFilter? IrCutFilter, bool? WideDynamicRange, double? WideDynamicRangeLevel, bool? BacklightCompensation, bool? AutoFocus)
{
    private const string Action = "http://www.onvif.org/ver20/imaging/wsdl/";

    public static ImagingSettings None { get; } = new(null, null, null, null, null, null, null, null, null);

    public static OnvifCall<ImagingSettings> Get(string videoSource) => new(
        OnvifService.Imaging,
        Action + "GetImagingSettings",
        new XElement(OnvifNamespaces.Imaging + "GetImagingSettings", new XElement(OnvifNamespaces.Imaging + "VideoSourceToken", videoSource)),
        Read);

    /// <summary>Sets what is not null, for good.</summary>
    public OnvifCall<Done> Set(string videoSource) => new(
        OnvifService.Imaging,
        Action + "SetImagingSettings",
        new XElement(
            OnvifNamespaces.Imaging + "SetImagingSettings",
            new XElement(OnvifNamespaces.Imaging + "VideoSourceToken", videoSource),
            new XElement(
                OnvifNamespaces.Imaging + "ImagingSettings",     // its children in the schema's order
                Switch("BacklightCompensation", BacklightCompensation, null),
                Number("Brightness", Brightness),
                Number("ColorSaturation", Saturation),
                Number("Contrast", Contrast),
                AutoFocus is { } auto ? new XElement(OnvifNamespaces.Schema + "Focus", new XElement(OnvifNamespaces.Schema + "AutoFocusMode", auto ? "AUTO" : "MANUAL")) : null,
                IrCutFilter is { } filter ? new XElement(OnvifNamespaces.Schema + "IrCutFilter", filter.ToString().ToUpperInvariant()) : null,
                Number("Sharpness", Sharpness),
                Switch("WideDynamicRange", WideDynamicRange ?? (WideDynamicRangeLevel is null ? null : true), WideDynamicRangeLevel)),
            new XElement(OnvifNamespaces.Imaging + "ForcePersistence", true)),
        Done.Of);

    private static ImagingSettings? Read(SoapAnswer answer)
    {
        if (answer.Body.Child("ImagingSettings") is not { } told)
            return null;

        return new ImagingSettings(
            told.NumberAt("Brightness"),
            told.NumberAt("Contrast"),
            told.NumberAt("ColorSaturation"),
            told.NumberAt("Sharpness"),
            Enum.TryParse(told.TextAt("IrCutFilter"), ignoreCase: true, out IrCutFilter filter) && Enum.IsDefined(filter) ? filter : null,
            IsOn(told.TextAt("WideDynamicRange", "Mode")),
            told.NumberAt("WideDynamicRange", "Level"),
            IsOn(told.TextAt("BacklightCompensation", "Mode")),
            told.TextAt("Focus", "AutoFocusMode") switch { "AUTO" => true, "MANUAL" => false, _ => null });
    }

    private static bool? IsOn(string? mode) => mode switch { "ON" => true, "OFF" => false, _ => null };

    private static XElement? Number(string name, double? value) =>
        value is { } number ? new XElement(OnvifNamespaces.Schema + name, PtzSpaces.Text(number)) : null;

    private static XElement? Switch(string name, bool? isOn, double? level) => isOn is not { } on ? null : new XElement(
        OnvifNamespaces.Schema + name,
        new XElement(OnvifNamespaces.Schema + "Mode", on ? "ON" : "OFF"),
        level is { } strength ? new XElement(OnvifNamespaces.Schema + "Level", PtzSpaces.Text(strength)) : null);
}
