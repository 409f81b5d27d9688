using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Imaging;

/// <summary>Numbers from <paramref name="Min"/> to <paramref name="Max"/>.</summary>
public readonly record struct ImagingRange(double Min, double Max);

/// <summary>What can be set, and how far (ONVIF Imaging Service Specification §5.1.3). Null or false: the device has no such thing.</summary>
public sealed record ImagingOptions(
    ImagingRange? Brightness,
    ImagingRange? Contrast,
    ImagingRange? Saturation,
    ImagingRange? Sharpness,
    IReadOnlyList<IrCutFilter> IrCutFilters,
    bool HasWideDynamicRange,
    ImagingRange? WideDynamicRangeLevel,
    bool HasBacklightCompensation,
    bool HasManualFocus)
{
    public static OnvifCall<ImagingOptions> Get(string videoSource) => new(
        OnvifService.Imaging,
        "http://www.onvif.org/ver20/imaging/wsdl/GetOptions",
        new XElement(OnvifNamespaces.Imaging + "GetOptions", new XElement(OnvifNamespaces.Imaging + "VideoSourceToken", videoSource)),
        Read);

    /// <summary>What of <paramref name="settings"/> the device does not have, or has no such number for: names of its properties.</summary>
    public IReadOnlyList<string> Refuses(ImagingSettings settings)
    {
        var refused = new List<string>();
        foreach (var (name, value, range) in ((string, double?, ImagingRange?)[])
        [
            (nameof(settings.Brightness), settings.Brightness, Brightness), (nameof(settings.Contrast), settings.Contrast, Contrast), (nameof(settings.Saturation), settings.Saturation, Saturation),
            (nameof(settings.Sharpness), settings.Sharpness, Sharpness), (nameof(settings.WideDynamicRangeLevel), settings.WideDynamicRangeLevel, WideDynamicRangeLevel),
        ])
        {
            if (value is { } number && !(range is { } within && number >= within.Min && number <= within.Max))
                refused.Add(name);
        }

        if (settings.IrCutFilter is { } filter && !IrCutFilters.Contains(filter))
            refused.Add(nameof(settings.IrCutFilter));
        if (settings.WideDynamicRange is not null && !HasWideDynamicRange)
            refused.Add(nameof(settings.WideDynamicRange));
        if (settings.BacklightCompensation is not null && !HasBacklightCompensation)
            refused.Add(nameof(settings.BacklightCompensation));
        if (settings.AutoFocus is not null && !HasManualFocus)
            refused.Add(nameof(settings.AutoFocus));
        return refused;
    }

    private static ImagingOptions? Read(SoapAnswer answer)
    {
        if (answer.Body.Child("ImagingOptions") is not { } told)
            return null;

        var filters = new List<IrCutFilter>();
        foreach (var mode in told.ChildrenNamed("IrCutFilterModes"))
        {
            if (Enum.TryParse(mode.Text, ignoreCase: true, out IrCutFilter filter) && Enum.IsDefined(filter) && !filters.Contains(filter))
                filters.Add(filter);
        }

        return new ImagingOptions(
            RangeOf(told.Child("Brightness")),
            RangeOf(told.Child("Contrast")),
            RangeOf(told.Child("ColorSaturation")),
            RangeOf(told.Child("Sharpness")),
            filters,
            HasMode(told.Child("WideDynamicRange"), "Mode", "ON"),
            RangeOf(told.At("WideDynamicRange", "Level")),
            HasMode(told.Child("BacklightCompensation"), "Mode", "ON"),
            HasMode(told.Child("Focus"), "AutoFocusModes", "MANUAL"));
    }

    private static bool HasMode(SoapElement? option, string name, string mode) => option?.ChildrenNamed(name).Any(child => child.Text == mode) == true;

    private static ImagingRange? RangeOf(SoapElement? range) =>
        range?.NumberAt("Min") is { } min && range.NumberAt("Max") is { } max && min <= max ? new ImagingRange(min, max) : null;
}
