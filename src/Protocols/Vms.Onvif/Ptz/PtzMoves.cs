using System.Xml.Linq;
using Vms.Onvif.Device;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Ptz;

/// <summary>Moves of a device in numbers that are the same for all: −1..1 for speeds and distances (right, up and nearer are positive), 0..1 for places
/// (ONVIF PTZ Service Specification §5.3). What a device cannot do is left out of the request; null when nothing is left.</summary>
public static class PtzMoves
{
    private const string Action = "http://www.onvif.org/ver20/ptz/wsdl/";

    /// <summary>Goes on until <see cref="Stop"/>, or until the time is over where the device knows such a thing.</summary>
    /// <param name="timeout">A device that loses its operator stops by itself. Null: not said; some refuse it.</param>
    public static OnvifCall<Done>? Continuous(string profile, PtzSpaces spaces, double pan, double tilt, double zoom, TimeSpan? timeout)
    {
        var panTilt = PanTilt(spaces.ContinuousPanTilt, x => x.FromSigned(pan), y => y.FromSigned(tilt));
        var zooms = Zoom(spaces.ContinuousZoom, range => range.FromSigned(zoom));
        return Move("ContinuousMove", profile, "Velocity", panTilt, zooms, timeout is { } time ? new XElement(OnvifNamespaces.Ptz + "Timeout", RelayOutput.DurationText(time)) : null);
    }

    /// <summary>By a part of the whole range.</summary>
    public static OnvifCall<Done>? Relative(string profile, PtzSpaces spaces, double pan, double tilt, double zoom)
    {
        var panTilt = PanTilt(spaces.RelativePanTilt, x => x.FromSigned(pan), y => y.FromSigned(tilt));
        return Move("RelativeMove", profile, "Translation", panTilt, Zoom(spaces.RelativeZoom, range => range.FromSigned(zoom)), null);
    }

    /// <summary>Brings a point of the picture to its middle. Only with <see cref="PtzSpaces.FieldOfView"/>.</summary>
    /// <param name="x">−1 is the left edge of the picture, 1 the right one.</param>
    /// <param name="y">−1 is the lower edge, 1 the upper one.</param>
    public static OnvifCall<Done>? Centre(string profile, PtzSpaces spaces, double x, double y) =>
        Move("RelativeMove", profile, "Translation", PanTilt(spaces.FieldOfView, range => range.FromSigned(x), range => range.FromSigned(y)), null, null);

    /// <summary>To a place; what is null stays.</summary>
    public static OnvifCall<Done>? Absolute(string profile, PtzSpaces spaces, double? pan, double? tilt, double? zoom)
    {
        var panTilt = pan is { } p && tilt is { } t ? PanTilt(spaces.AbsolutePanTilt, x => x.FromShare(p), y => y.FromShare(t)) : null;
        var zooms = zoom is { } z ? Zoom(spaces.AbsoluteZoom, range => range.FromShare(z)) : null;
        return Move("AbsoluteMove", profile, "Position", panTilt, zooms, null);
    }

    /// <summary>Ends what goes on.</summary>
    /// <param name="bare">Without saying what: for devices that refuse the two arguments, which the schema leaves to the caller.</param>
    public static OnvifCall<Done> Stop(string profile, bool bare) => new(
        OnvifService.Ptz,
        Action + "Stop",
        new XElement(
            OnvifNamespaces.Ptz + "Stop",
            new XElement(OnvifNamespaces.Ptz + "ProfileToken", profile),
            bare ? null : new XElement(OnvifNamespaces.Ptz + "PanTilt", true),
            bare ? null : new XElement(OnvifNamespaces.Ptz + "Zoom", true)),
        Done.Of);

    private static OnvifCall<Done>? Move(string operation, string profile, string vector, XElement? panTilt, XElement? zoom, XElement? timeout) =>
        panTilt is null && zoom is null ? null : new(
            OnvifService.Ptz,
            Action + operation,
            new XElement(
                OnvifNamespaces.Ptz + operation,
                new XElement(OnvifNamespaces.Ptz + "ProfileToken", profile),
                new XElement(OnvifNamespaces.Ptz + vector, panTilt, zoom),
                timeout),
            Done.Of);

    private static XElement? PanTilt(PtzSpace? space, Func<PtzRange, double> x, Func<PtzRange, double> y) => space?.Y is not { } range ? null : new XElement(
        OnvifNamespaces.Schema + "PanTilt",
        new XAttribute("x", PtzSpaces.Text(x(space.X))),
        new XAttribute("y", PtzSpaces.Text(y(range))),
        SpaceOf(space));

    private static XElement? Zoom(PtzSpace? space, Func<PtzRange, double> x) => space is null ? null : new XElement(
        OnvifNamespaces.Schema + "Zoom", new XAttribute("x", PtzSpaces.Text(x(space.X))), SpaceOf(space));

    private static XAttribute? SpaceOf(PtzSpace space) => space.Uri is { } uri ? new XAttribute("space", uri) : null;
}
