using System.Globalization;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Ptz;

/// <summary>Numbers a device takes on one axis.</summary>
public readonly record struct PtzRange(double Min, double Max)
{
    /// <summary>Of ONVIF's generic spaces for pan and tilt, and for speeds.</summary>
    public static readonly PtzRange Generic = new(-1, 1);

    /// <summary>Of the generic space for zoom.</summary>
    public static readonly PtzRange GenericZoom = new(0, 1);

    /// <summary>A speed or a distance of −1..1 in the device's numbers: 0 stays 0, also where the range is lopsided.</summary>
    public double FromSigned(double value)
    {
        double clamped = Math.Clamp(value, -1, 1);
        return clamped < 0 ? -clamped * Math.Min(Min, 0) : clamped * Math.Max(Max, 0);
    }

    /// <summary>A place of 0..1 between the ends, in the device's numbers (degrees: roleoroleo's cameras, 0..360).</summary>
    public double FromShare(double share) => Min + (Math.Clamp(share, 0, 1) * (Max - Min));

    /// <summary>The device's number as a share of the range; 0 for a range without width.</summary>
    public double ToShare(double value) => Max > Min ? Math.Clamp((value - Min) / (Max - Min), 0, 1) : 0;
}

/// <summary>A coordinate system of a device (ONVIF PTZ Service Specification §5.7).</summary>
/// <param name="Uri">Its name; null where the device tells none: then it takes what it is given for the generic one.</param>
/// <param name="Y">Null for zoom.</param>
public sealed record PtzSpace(string? Uri, PtzRange X, PtzRange? Y)
{
    public static readonly PtzSpace GenericPanTilt = new(null, PtzRange.Generic, PtzRange.Generic);

    public static readonly PtzSpace GenericZoomPosition = new(null, PtzRange.GenericZoom, null);
}

/// <summary>What a device's mechanics can do (ONVIF PTZ Service Specification §5.1). Null: not that.</summary>
/// <param name="FieldOfView">Relative moves in parts of the picture that is seen: what click-to-centre wants.</param>
public sealed record PtzSpaces(
    PtzSpace? AbsolutePanTilt, PtzSpace? AbsoluteZoom, PtzSpace? RelativePanTilt, PtzSpace? RelativeZoom, PtzSpace? FieldOfView, PtzSpace? ContinuousPanTilt, PtzSpace? ContinuousZoom)
{
    /// <summary>Of a kind; devices offer the generic one and one of their own.</summary>
    public const int MaxSpaces = 16;

    private const string FieldOfViewUri = "http://www.onvif.org/ver10/tptz/PanTiltSpaces/TranslationSpaceFov";

    internal static PtzSpaces Read(SoapElement? spaces) => new(
        Chosen(spaces, "AbsolutePanTiltPositionSpace", PtzRange.Generic),
        Chosen(spaces, "AbsoluteZoomPositionSpace", null),
        Chosen(spaces, "RelativePanTiltTranslationSpace", PtzRange.Generic),
        Chosen(spaces, "RelativeZoomTranslationSpace", null),
        All(spaces, "RelativePanTiltTranslationSpace", PtzRange.Generic).FirstOrDefault(space => space.Uri == FieldOfViewUri),
        Chosen(spaces, "ContinuousPanTiltVelocitySpace", PtzRange.Generic),
        Chosen(spaces, "ContinuousZoomVelocitySpace", null));

    /// <summary>ONVIF's generic space where the device has it, otherwise its first.</summary>
    private static PtzSpace? Chosen(SoapElement? spaces, string name, PtzRange? y)
    {
        var all = All(spaces, name, y).Where(space => space.Uri != FieldOfViewUri).ToList();
        return all.FirstOrDefault(space => space.Uri?.EndsWith("GenericSpace", StringComparison.Ordinal) == true) ?? all.FirstOrDefault();
    }

    private static IEnumerable<PtzSpace> All(SoapElement? spaces, string name, PtzRange? y) =>
        (spaces?.ChildrenNamed(name) ?? []).Take(MaxSpaces).Select(space => new PtzSpace(
            space.TextAt("URI"), RangeOf(space.Child("XRange")) ?? (y is null && name.Contains("Position", StringComparison.Ordinal) ? PtzRange.GenericZoom : PtzRange.Generic), y is null ? null : RangeOf(space.Child("YRange")) ?? y));

    private static PtzRange? RangeOf(SoapElement? range) =>
        range?.NumberAt("Min") is { } min && range.NumberAt("Max") is { } max && min < max ? new PtzRange(min, max) : null;

    /// <summary>A number as xs:float.</summary>
    internal static string Text(double value) => Math.Round(value, 6).ToString(CultureInfo.InvariantCulture);
}
