using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Ptz;

/// <summary>Where a device looks (ONVIF PTZ Service Specification §5.3.5), in the device's numbers; null for what it does not tell.</summary>
/// <param name="IsMoving">Null when the device does not say.</param>
public sealed record PtzStatus(double? Pan, double? Tilt, double? Zoom, bool? IsMoving)
{
    public static OnvifCall<PtzStatus> Get(string profile) => new(
        OnvifService.Ptz,
        "http://www.onvif.org/ver20/ptz/wsdl/GetStatus",
        new XElement(OnvifNamespaces.Ptz + "GetStatus", new XElement(OnvifNamespaces.Ptz + "ProfileToken", profile)),
        Read);

    /// <summary>The same as shares of the ranges, 0..1.</summary>
    public PtzStatus In(PtzSpaces spaces) => this with
    {
        Pan = Pan is { } pan ? (spaces.AbsolutePanTilt ?? PtzSpace.GenericPanTilt).X.ToShare(pan) : null,
        Tilt = Tilt is { } tilt ? ((spaces.AbsolutePanTilt ?? PtzSpace.GenericPanTilt).Y ?? PtzRange.Generic).ToShare(tilt) : null,
        Zoom = Zoom is { } zoom ? (spaces.AbsoluteZoom ?? PtzSpace.GenericZoomPosition).X.ToShare(zoom) : null,
    };

    private static PtzStatus? Read(SoapAnswer answer)
    {
        if (answer.Body.Child("PTZStatus") is not { } status)
            return null;

        var panTilt = status.At("Position", "PanTilt");
        bool?[] moves = [IsMove(status.TextAt("MoveStatus", "PanTilt")), IsMove(status.TextAt("MoveStatus", "Zoom"))];
        return new PtzStatus(
            SoapElement.ToNumber(panTilt?.Attribute("x")),
            SoapElement.ToNumber(panTilt?.Attribute("y")),
            SoapElement.ToNumber(status.At("Position", "Zoom")?.Attribute("x")),
            moves.Contains(true) ? true : moves.Contains(false) ? false : null);
    }

    private static bool? IsMove(string? status) => status switch { "MOVING" => true, "IDLE" => false, _ => null };
}
