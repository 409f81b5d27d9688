using Vms.Onvif.Imaging;

namespace Vms.Control.Features.Imaging;

/// <summary>A number as the device has it, within what it takes.</summary>
internal sealed record ImagingNumber(double Value, double Min, double Max)
{
    /// <summary>Null where the device has no such thing.</summary>
    public static ImagingNumber? Of(double? value, ImagingRange? range) => value is { } number && range is { } within ? new ImagingNumber(number, within.Min, within.Max) : null;
}

/// <param name="Value">on (day), off (night: infrared, too) or auto.</param>
/// <param name="Values">What the device takes.</param>
internal sealed record IrCutView(string Value, IReadOnlyList<string> Values);

/// <param name="Level">How strong; absent where it has one strength.</param>
internal sealed record WideDynamicRangeView(bool On, ImagingNumber? Level);

/// <param name="Mode">auto or manual.</param>
/// <param name="CanMove">It can be focused by hand.</param>
internal sealed record FocusView(string Mode, bool CanMove);

/// <summary>How a camera's picture is set. What the device does not have is absent.</summary>
internal sealed record ImagingView(
    ImagingNumber? Brightness, ImagingNumber? Contrast, ImagingNumber? Saturation, ImagingNumber? Sharpness, IrCutView? IrCut, WideDynamicRangeView? WideDynamicRange,
    bool? BacklightCompensation, FocusView? Focus)
{
    public static ImagingView Of(ImagingSettings settings, ImagingOptions options) => new(
        ImagingNumber.Of(settings.Brightness, options.Brightness),
        ImagingNumber.Of(settings.Contrast, options.Contrast),
        ImagingNumber.Of(settings.Saturation, options.Saturation),
        ImagingNumber.Of(settings.Sharpness, options.Sharpness),
        settings.IrCutFilter is { } filter ? new IrCutView(NameOf(filter), [.. options.IrCutFilters.Select(NameOf)]) : null,
        settings.WideDynamicRange is { } on && options.HasWideDynamicRange ? new WideDynamicRangeView(on, ImagingNumber.Of(settings.WideDynamicRangeLevel, options.WideDynamicRangeLevel)) : null,
        options.HasBacklightCompensation ? settings.BacklightCompensation : null,
        settings.AutoFocus is { } auto ? new FocusView(auto ? "auto" : "manual", options.HasManualFocus) : null);

    public static string NameOf(IrCutFilter filter) => filter switch { IrCutFilter.On => "on", IrCutFilter.Off => "off", _ => "auto" };
}
